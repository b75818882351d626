# misconception: the other dimension is left: one value per example, not per position
# fails: test_mean_weight_example, test_variance_example, test_entropy_example, test_visible_example, test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(1, 2))


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=-1)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=-1)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=-1)
