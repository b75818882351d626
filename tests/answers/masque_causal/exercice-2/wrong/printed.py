# misconception: printing is taken for returning
# fails: test_mean_weight_example, test_entropy_example, test_mean_weight_values, test_entropy_values
def mean_weight_per_position(weights):
    print(weights.mean(dim=(0, 1)))


def weight_variance(weights):
    return weights.var(dim=-1, correction=0).mean(dim=0)


def attention_entropy(weights):
    print(torch.special.entr(weights).sum(dim=-1).mean(dim=0))


def count_visible_positions(weights):
    return (weights > 0).float().sum(dim=-1).mean(dim=0)
