# misconception: the batch is not averaged: one row per example
# fails: test_mean_weight_example, test_variance_example, test_entropy_example, test_visible_example, test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return weights.mean(dim=1)


def weight_variance(weights):
    return weights.var(dim=-1, correction=0)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1)


def count_visible_positions(weights):
    return (weights > 0).sum(dim=-1)
