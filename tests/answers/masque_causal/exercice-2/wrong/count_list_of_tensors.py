# misconception: a list of tensors is taken for a tensor
# fails: test_visible_example, test_visible_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return [(weights[:, i] > 0).sum() / len(weights) for i in range(weights.shape[1])]
