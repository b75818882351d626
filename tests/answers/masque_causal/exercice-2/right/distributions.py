# style: the entropy of torch.distributions; sample variance put right by (n - 1)/n
from torch.distributions import Categorical


def mean_weight_per_position(weights):
    return weights.permute(2, 0, 1).flatten(1).mean(1)


def weight_variance(weights):
    n = weights.shape[-1]
    if n == 1:
        return torch.zeros(1)
    return (weights.var(dim=-1) * (n - 1) / n).mean(0)


def attention_entropy(weights):
    return Categorical(probs=weights).entropy().mean(0)


def count_visible_positions(weights):
    return torch.linalg.vector_norm(weights, ord=0, dim=-1).mean(0)
