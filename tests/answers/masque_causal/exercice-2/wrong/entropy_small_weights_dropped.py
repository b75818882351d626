# misconception: weights under one per cent are thought not to matter
# fails: test_entropy_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    p = torch.where(weights > 0.01, weights, torch.ones_like(weights))
    return -(p * p.log()).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
