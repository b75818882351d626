# misconception: the divisors are the numbers of the example: two examples of two tokens
# fails: test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return weights.sum(dim=(0, 1)) / 4


def weight_variance(weights):
    return weights.var(dim=-1).mean(dim=0) / 2


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=(0, 2)) / 2


def count_visible_positions(weights):
    return (weights > 0).sum(dim=(0, 2)) / 2
