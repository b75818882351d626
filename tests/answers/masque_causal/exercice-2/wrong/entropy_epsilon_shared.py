# misconception: an epsilon is added to all weights, which are divided by their new sum
# fails: test_entropy_example, test_entropy_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    poids = weights + 1e-3
    poids = poids / poids.sum(dim=-1, keepdim=True)
    return torch.special.entr(poids).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
