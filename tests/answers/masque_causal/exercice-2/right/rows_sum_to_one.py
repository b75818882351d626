# style: uses that the mean of a row is 1/n
def mean_weight_per_position(weights):
    return weights.sum(0).sum(0) / (weights.shape[0] * weights.shape[1])


def weight_variance(weights):
    n = weights.shape[-1]
    return ((weights - 1 / n) ** 2).mean(dim=(0, 2))


def attention_entropy(weights):
    n = weights.shape[-1]
    ecart = torch.special.xlogy(weights, weights * n).sum(-1)
    return (np.log(n) - ecart).mean(0)


def count_visible_positions(weights):
    n = weights.shape[-1]
    return n - (weights == 0).sum(-1).double().mean(0)
