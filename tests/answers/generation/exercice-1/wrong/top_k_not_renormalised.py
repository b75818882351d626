# misconception: zeros without renormalising
# fails: test_example, test_top_k
def greedy(logits):
    return logits.argmax(dim=-1)


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("temperature doit être strictement positive")
    return torch.softmax(logits / temperature, dim=-1)


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError
    p = temperature_probabilities(logits, temperature)
    limit = torch.topk(p, min(k, p.shape[-1]), dim=-1).values[..., -1:]
    return torch.where(p >= limit, p, torch.zeros_like(p))


def sample(logits, seed, temperature=1.0, k=None):
    if k is None:
        probabilities = temperature_probabilities(logits, temperature)
    else:
        probabilities = top_k_probabilities(logits, k, temperature)
    generator = torch.Generator().manual_seed(seed)
    return torch.multinomial(probabilities, 1, generator=generator).item()
