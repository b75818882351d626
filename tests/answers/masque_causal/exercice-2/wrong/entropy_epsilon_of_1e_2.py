# misconception: an epsilon of 0.01 in the logarithm is thought to be harmless
# fails: test_entropy_example, test_entropy_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    return -(weights * torch.log(weights + 1e-2)).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
