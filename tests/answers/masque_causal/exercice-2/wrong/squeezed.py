# misconception: squeeze removes the dimension of a sequence of one token
# fails: test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return weights.mean(dim=(0, 1)).squeeze()


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0).squeeze()


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0).squeeze()


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0).squeeze()
