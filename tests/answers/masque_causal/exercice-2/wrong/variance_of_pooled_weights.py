# misconception: the weights of all the examples are pooled, and their number less one divides
# fails: test_variance_example, test_variance_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    batch, n, _ = weights.shape
    return weights.permute(1, 0, 2).reshape(n, batch * n).var(dim=-1)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
