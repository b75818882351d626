# misconception: keepdim leaves two dimensions of size 1
# fails: test_mean_weight_example, test_variance_example, test_entropy_example, test_visible_example, test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1), keepdim=True)


def weight_variance(weights):
    return weights.var(dim=-1, correction=0, keepdim=True).mean(dim=0, keepdim=True)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1, keepdim=True).mean(dim=0, keepdim=True)


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1, keepdim=True).mean(dim=0, keepdim=True)
