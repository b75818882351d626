# misconception: the mean over the queries is forgotten: one row per query
# fails: test_mean_weight_example, test_mean_weight_values
def mean_weight_per_position(weights):
    return weights.mean(dim=0)


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
