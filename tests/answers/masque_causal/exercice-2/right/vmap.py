# style: torch.vmap over the batch; a view of the result that is not contiguous
def mean_weight_per_position(weights):
    n = weights.shape[-1]
    return weights.mean(dim=(0, 1)).repeat_interleave(2).view(n, 2)[:, 0]


def weight_variance(weights):
    return torch.vmap(lambda a: torch.var_mean(a, dim=-1, correction=0)[0])(weights).mean(0)


def attention_entropy(weights):
    return torch.vmap(lambda a: torch.special.entr(a).sum(-1))(weights).mean(0)


def count_visible_positions(weights):
    return torch.vmap(lambda a: torch.where(a > 0, 1.0, 0.0).sum(-1))(weights).mean(0)
