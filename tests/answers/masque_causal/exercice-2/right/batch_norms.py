# style: einsum and norms

import functools


def mean_weight_per_position(weights):
    return torch.einsum("bij->j", weights) / (weights.size(0) * weights.size(1))


def weight_variance(weights):
    n = weights.size(-1)
    centred = weights - 1 / n
    return torch.linalg.vector_norm(centred, dim=2).pow(2).div(n).mean(0)


def attention_entropy(weights):
    logs = torch.where(weights == 0, 0, weights.clamp(min=torch.finfo(weights.dtype).tiny).log())
    return torch.einsum("bij,bij->i", weights, -logs) / len(weights)


count_visible_positions = functools.partial(lambda sign, w: sign(w).sum(-1).mean(0), torch.sign)
