# style: torch.distributions, inside fork_rng
def greedy(logits):
    return logits.argmax(dim=-1)


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("temperature")
    z = logits / temperature
    return torch.exp(z - torch.logsumexp(z, dim=-1, keepdim=True))


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError("k doit valoir au moins 1")
    k = min(k, logits.shape[-1])
    limit = torch.topk(logits, k, dim=-1).values[..., -1:]
    return temperature_probabilities(logits.masked_fill(logits < limit, float("-inf")), temperature)


def sample(logits, seed, temperature=1.0, k=None):
    probs = top_k_probabilities(logits, len(logits) if k is None else k, temperature)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.distributions.Categorical(probs=probs).sample()
