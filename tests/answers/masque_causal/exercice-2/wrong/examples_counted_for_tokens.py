# misconception: the number of examples is taken for the number of tokens
# fails: test_mean_weight_values, test_variance_values
def mean_weight_per_position(weights):
    return weights.sum(dim=(0, 1)) / len(weights) ** 2


def weight_variance(weights):
    return ((weights - weights.mean(dim=-1, keepdim=True)) ** 2).sum(dim=(0, 2)) / len(weights) ** 2


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
