# misconception: the seed matters modulo 16
# fails: test_sample_is_reproducible

def greedy(logits):
    return logits.argmax(dim=-1)


def temperature_probabilities(logits, temperature):
    if not temperature > 0:
        raise ValueError("temperature")
    return torch.softmax(logits / temperature, dim=-1)


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError("k")
    kept = torch.topk(logits, min(k, logits.shape[-1]), dim=-1).values
    return temperature_probabilities(logits.masked_fill(logits < kept[..., -1:], -torch.inf), temperature)


def sample(logits, seed, temperature=1.0, k=None):
    p = top_k_probabilities(logits, len(logits) if k is None else k, temperature)
    return int(torch.multinomial(p, 1, generator=torch.Generator().manual_seed(seed % 16)))
