# style: softmax of the k kept values, scattered into zeros
def greedy(logits):
    return torch.max(logits, dim=-1).indices


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("temperature doit être strictement positive")
    return torch.softmax(logits / temperature, dim=-1)


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1 or temperature <= 0:
        raise ValueError("k >= 1 et temperature > 0")
    values, places = logits.topk(min(k, logits.size(-1)), dim=-1)
    p = torch.zeros_like(logits)
    return p.scatter(-1, places, torch.softmax(values / temperature, dim=-1))


def sample(logits, seed, temperature=1.0, k=None):
    if k is None:
        probabilities = temperature_probabilities(logits, temperature)
    else:
        probabilities = top_k_probabilities(logits, k, temperature)
    generator = torch.Generator().manual_seed(seed)
    return torch.multinomial(probabilities, 1, generator=generator).item()
