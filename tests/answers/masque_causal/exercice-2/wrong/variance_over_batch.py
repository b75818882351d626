# misconception: the variance is taken over the examples
# fails: test_variance_example, test_variance_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return weights.var(dim=0, correction=0).mean(dim=-1)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
