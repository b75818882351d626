# style: loops over rows and Python lists, random.Random
import random

def greedy(logits):
    if logits.dim() == 1:
        best = 0
        for i in range(len(logits)):
            if logits[i] > logits[best]:
                best = i
        return best
    return torch.tensor([greedy(row).tolist() if isinstance(greedy(row), torch.Tensor) else greedy(row) for row in logits])


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("il faut temperature > 0")
    if logits.dim() > 1:
        return torch.stack([temperature_probabilities(row, temperature) for row in logits])
    scaled = [float(z) / temperature for z in logits]
    biggest = max(scaled)
    exponentials = [math.exp(z - biggest) for z in scaled]
    return torch.tensor([e / sum(exponentials) for e in exponentials])


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError("il faut k >= 1")
    if logits.dim() > 1:
        return torch.stack([top_k_probabilities(row, k, temperature) for row in logits])
    kept = sorted(range(len(logits)), key=lambda i: -float(logits[i]))[:k]
    only = torch.full(logits.shape, -torch.inf)
    for i in kept:
        only[i] = logits[i]
    return temperature_probabilities(only, temperature)


def sample(logits, seed, temperature=1.0, k=None):
    p = temperature_probabilities(logits, temperature) if k is None else top_k_probabilities(logits, k, temperature)
    u, total = random.Random(seed).random(), 0.0
    last = 0
    for i, value in enumerate(p.tolist()):
        if value == 0:
            continue
        last = i
        total += value
        if u < total:
            return i
    return last
