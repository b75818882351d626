# style: weights are clamped inside the logarithm only; averages over the batch first where it is allowed
def mean_weight_per_position(weights):
    return weights.mean(0).mean(0)


def weight_variance(weights):
    return torch.mean((weights - torch.mean(weights, -1).unsqueeze(-1)) ** 2, (0, -1))


def attention_entropy(weights):
    return (weights * -torch.log(weights.clamp(min=1e-30))).mean(0).sum(-1)


def count_visible_positions(weights):
    return (weights > 0).double().mean(0).sum(-1)
