# style: softmax by hand with the maximum subtracted, boolean ranks, inverse of the cumulated sum
def greedy(logits):
    return logits.argmax(dim=-1)


def temperature_probabilities(logits, temperature):
    if not temperature > 0:
        raise ValueError(temperature)
    z = logits / temperature
    e = torch.exp(z - z.max(dim=-1, keepdim=True).values)
    return e / e.sum(dim=-1, keepdim=True)


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError(k)
    ranks = logits.argsort(dim=-1, descending=True).argsort(dim=-1)
    p = temperature_probabilities(torch.where(ranks < k, logits, torch.tensor(-torch.inf, dtype=logits.dtype)), temperature)
    return p


def sample(logits, seed, temperature=1.0, k=None):
    p = temperature_probabilities(logits, temperature) if k is None else top_k_probabilities(logits, k, temperature)
    u = torch.rand((), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    total = p.double().cumsum(0)
    return torch.searchsorted(total, u * total[-1], right=True)
