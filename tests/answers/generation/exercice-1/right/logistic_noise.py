# style: an inverse distribution by cumsum and searchsorted

import random


def greedy(logits):
    return torch.max(logits, -1)[1]


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("température")
    z = logits / temperature
    return torch.exp(z - torch.logsumexp(z, dim=-1, keepdim=True))


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError("k")
    ranks = logits.argsort(dim=-1, descending=True).argsort(dim=-1)
    probabilities = temperature_probabilities(logits, temperature)
    kept = torch.where(ranks < k, logits / temperature, -torch.inf)
    return torch.exp(kept - kept.logsumexp(-1, keepdim=True)).to(probabilities.dtype)


def sample(logits, seed, temperature=1.0, k=None):
    if k is not None:
        probabilities = top_k_probabilities(logits, k, temperature)
    else:
        probabilities = temperature_probabilities(logits, temperature)
    cumulated = probabilities.double().cumsum(0)
    point = random.Random(f"token {seed}").random() * cumulated[-1].item()
    return torch.searchsorted(cumulated, torch.tensor([point], dtype=torch.float64), right=True)
