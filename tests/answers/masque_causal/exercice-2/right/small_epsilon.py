# style: an epsilon of 1e-9 in the logarithm, as in many tutorials; one helper for all
def moyenne_du_lot(par_exemple):
    return par_exemple.sum(dim=0) / par_exemple.shape[0]


def mean_weight_per_position(weights):
    return moyenne_du_lot(weights.sum(dim=1) / weights.shape[1])


def weight_variance(weights):
    return moyenne_du_lot(torch.var(weights, dim=-1, correction=0))


def attention_entropy(weights):
    return moyenne_du_lot(-(weights * torch.log(weights + 1e-9)).sum(dim=-1))


def count_visible_positions(weights):
    return moyenne_du_lot(torch.where(weights > 0, 1, 0).sum(dim=-1))
