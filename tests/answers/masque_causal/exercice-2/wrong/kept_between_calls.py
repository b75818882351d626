# misconception: the result of the first call is kept for the next ones
# fails: test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
deja = {}


def mean_weight_per_position(weights):
    if "moyenne" not in deja:
        deja["moyenne"] = weights.mean(dim=(0, 1))
    return deja["moyenne"]


def weight_variance(weights):
    if "variance" not in deja:
        deja["variance"] = weights.var(dim=-1, correction=0).mean(dim=0)
    return deja["variance"]


def attention_entropy(weights):
    if "entropie" not in deja:
        deja["entropie"] = torch.special.entr(weights).sum(dim=-1).mean(dim=0)
    return deja["entropie"]


def count_visible_positions(weights):
    if "vues" not in deja:
        deja["vues"] = (weights > 0).float().sum(dim=-1).mean(dim=0)
    return deja["vues"]
