# misconception: the first example is thought to stand for the batch
# fails: test_mean_weight_example, test_variance_example, test_entropy_example, test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return weights[0].mean(dim=0)


def weight_variance(weights):
    return weights[0].var(dim=-1, correction=0)


def attention_entropy(weights):
    return torch.special.entr(weights[0]).sum(dim=-1)


def count_visible_positions(weights):
    return (weights[0] > 0).sum(dim=-1)
