# misconception: the weights of the caller are turned into zeros and ones
# fails: test_visible_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    weights[weights > 0] = 1
    return weights.sum(dim=-1).mean(dim=0)
