# misconception: the weights of the lesson are read in place of the argument
# fails: test_mean_weight_example, test_variance_example, test_entropy_example, test_visible_example, test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return weights_with_mask.mean(dim=(0, 1))


def weight_variance(weights):
    return weights_with_mask.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    return torch.special.entr(weights_with_mask).sum(dim=-1).mean(dim=0)


def count_visible_positions(weights):
    return (weights_with_mask > 0).float().sum(dim=-1).mean(dim=0)
