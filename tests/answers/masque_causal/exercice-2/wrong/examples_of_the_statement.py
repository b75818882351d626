# misconception: the results of the statement are returned
# fails: test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return torch.tensor([0.6875, 0.3125])


def weight_variance(weights):
    return torch.tensor([0.25, 0.03125])


def attention_entropy(weights):
    return torch.tensor([0.0, 0.6277])


def count_visible_positions(weights):
    return torch.tensor([1.0, 2.0])
