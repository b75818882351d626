# misconception: the sizes of the lesson, 10 examples of 8 tokens, are written in the code
# fails: test_mean_weight_example, test_variance_example, test_entropy_example, test_visible_example, test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return weights.sum(dim=(0, 1)) / 80


def weight_variance(weights):
    return ((weights - 1 / 8) ** 2).sum(dim=-1).mean(dim=0) / 8


def attention_entropy(weights):
    resultat = torch.zeros(8)
    for i in range(8):
        resultat[i] = torch.special.entr(weights[:, i]).sum() / 10
    return resultat


def count_visible_positions(weights):
    return (weights > 0).sum(dim=(0, 2)) / 10
