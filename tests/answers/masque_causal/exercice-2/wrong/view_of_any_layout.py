# misconception: any tensor is thought to be contiguous: view fails on a transposed or expanded one
# fails: test_mean_weight_values, test_variance_values
def mean_weight_per_position(weights):
    return weights.view(-1, weights.shape[-1]).mean(dim=0)


def weight_variance(weights):
    batch, n, _ = weights.shape
    return weights.view(batch * n, n).var(dim=-1, correction=0).view(batch, n).mean(dim=0)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
