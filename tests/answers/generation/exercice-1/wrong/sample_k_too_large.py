# misconception: sample fails when k exceeds the vocabulary
# fails: test_sample_is_reproducible
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
    if k is not None and k < 1:
        raise ValueError
    values, places = torch.topk(logits, k or len(logits))
    p = temperature_probabilities(values, temperature)
    return int(places[torch.multinomial(p, 1, generator=torch.Generator().manual_seed(seed))])
