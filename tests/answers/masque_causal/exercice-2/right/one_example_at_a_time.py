# style: a loop on the batch, results stacked
def mean_weight_per_position(weights):
    return torch.stack([exemple.mean(dim=0) for exemple in weights]).mean(dim=0)


def weight_variance(weights):
    total = 0
    for exemple in weights:
        total = total + exemple.var(dim=1, unbiased=False)
    return total / len(weights)


def attention_entropy(weights):
    return torch.stack([torch.stack([-(p[p > 0] * p[p > 0].log()).sum() for p in exemple]) for exemple in weights]).mean(0)


def count_visible_positions(weights):
    return torch.stack([(exemple > 0).sum(dim=1).float() for exemple in weights]).mean(dim=0)
