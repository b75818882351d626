# misconception: returns the rank among the kept tokens, not the token
# fails: test_sample_frequencies
def greedy(logits):
    return logits.argmax(dim=-1)


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("temperature doit être strictement positive")
    return torch.softmax(logits / temperature, dim=-1)


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError("k doit valoir au moins 1")
    k = min(k, logits.shape[-1])
    limit = torch.topk(logits, k, dim=-1).values[..., -1:]
    return temperature_probabilities(logits.masked_fill(logits < limit, float("-inf")), temperature)


def sample(logits, seed, temperature=1.0, k=None):
    if temperature <= 0 or (k is not None and k < 1):
        raise ValueError
    values, places = torch.topk(logits, len(logits) if k is None else min(k, len(logits)))
    p = torch.softmax(values / temperature, -1)
    return int(torch.multinomial(p, 1, generator=torch.Generator().manual_seed(seed)))
