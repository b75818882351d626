# misconception: only the weights that are not zero enter the variance
# fails: test_variance_example, test_variance_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return torch.stack([torch.stack([p[p > 0].var(correction=0) for p in a]) for a in weights]).mean(dim=0)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
