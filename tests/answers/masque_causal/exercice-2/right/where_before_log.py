# style: zeros are replaced by ones before the logarithm; squared deviations
def mean_weight_per_position(weights):
    return torch.mean(torch.mean(weights, axis=0), axis=0)


def weight_variance(weights):
    ecart = weights - weights.mean(dim=-1, keepdim=True)
    return ecart.pow(2).mean(dim=-1).mean(dim=0)


def attention_entropy(weights):
    sans_zero = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * sans_zero.log()).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return torch.count_nonzero(weights, dim=-1).to(torch.float64).mean(dim=0)
