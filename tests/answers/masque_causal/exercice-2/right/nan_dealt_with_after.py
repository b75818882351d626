# style: nan is set to zero after the product; unbiased=False
def mean_weight_per_position(weights):
    return weights.flatten(0, 1).mean(0)


def weight_variance(weights):
    return torch.var(weights, dim=2, unbiased=False).mean(0)


def attention_entropy(weights):
    return torch.nan_to_num(-weights * torch.log(weights), nan=0.0).sum(2).mean(0)


def count_visible_positions(weights):
    return torch.gt(weights, 0).sum(2, dtype=torch.float32).mean(0)
