# misconception: weights are thought to be always float32
# fails: test_mean_weight_values, test_entropy_values
def mean_weight_per_position(weights):
    batch, n, _ = weights.shape
    return (torch.ones(n) @ weights).mean(dim=0) / n


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    journal = torch.special.entr(weights)
    return (journal @ torch.ones(weights.shape[-1])).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
