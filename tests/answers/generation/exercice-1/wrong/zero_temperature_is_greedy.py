# misconception: a temperature of 0 means greedy
# fails: test_all_errors
def greedy(logits):
    return logits.argmax(dim=-1)


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("la température doit être strictement positive")
    return torch.softmax(logits / temperature, dim=-1)


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError("k doit valoir au moins 1")
    k = min(k, logits.shape[-1])
    seuil = torch.topk(logits, k).values[..., -1:]
    gardes = logits.masked_fill(logits < seuil, float("-inf"))
    return temperature_probabilities(gardes, temperature)


def sample(logits, seed, temperature=1.0, k=None):
    if temperature == 0:
        return int(greedy(logits))
    if k is None:
        p = temperature_probabilities(logits, temperature)
    else:
        p = top_k_probabilities(logits, k, temperature)
    g = torch.Generator().manual_seed(seed)
    return torch.multinomial(p, 1, generator=g).item()
