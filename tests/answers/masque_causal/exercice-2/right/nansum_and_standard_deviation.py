# style: nansum; the square of the standard deviation
def mean_weight_per_position(weights):
    return weights.transpose(1, 2).reshape(weights.shape[0], weights.shape[2], -1).mean(-1).mean(0)


def weight_variance(weights):
    return torch.square(torch.std(weights, dim=-1, correction=0)).mean(0)


def attention_entropy(weights):
    return (-(weights * weights.log())).nansum(-1).mean(0)


def count_visible_positions(weights):
    return weights.bool().sum(-1).float().mean(0)
