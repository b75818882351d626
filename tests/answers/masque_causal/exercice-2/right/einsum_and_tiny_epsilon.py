# style: einsum; the mean of squares less the square of the mean; a tiny epsilon in the logarithm
def mean_weight_per_position(weights):
    batch, n, _ = weights.shape
    return torch.einsum("bij->j", weights) / (batch * n)


def weight_variance(weights):
    carres = torch.einsum("bij,bij->bi", weights, weights) / weights.size(2)
    moyennes = torch.einsum("bij->bi", weights) / weights.size(2)
    return (carres - moyennes**2).mean(0)


def attention_entropy(weights):
    return -torch.einsum("bij,bij->i", weights, torch.log(weights + 1e-12)) / weights.shape[0]


def count_visible_positions(weights):
    return torch.sign(weights).sum(2).mean(0)
