# style: Gumbel noise added to the logits, then the maximum
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
    if k is None:
        k = logits.shape[-1]
    log_p = torch.log(top_k_probabilities(logits, k, temperature))
    generator = torch.Generator()
    generator.manual_seed(seed)
    noise = -torch.log(-torch.log(torch.rand(log_p.shape, generator=generator).clamp(1e-12, 1 - 1e-7)))
    return greedy(log_p + noise)
