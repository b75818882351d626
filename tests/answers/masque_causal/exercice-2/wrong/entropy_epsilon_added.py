# misconception: a constant in the logarithm does no harm
# fails: test_entropy_values
def attention_entropy(weights):
    return -(weights * torch.log(weights + 1e-2)).sum(-1).mean(0)


def mean_weight_per_position(weights):
    """Poids moyen reçu par chaque clé."""
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).sum(dim=-1).float().mean(dim=0)
