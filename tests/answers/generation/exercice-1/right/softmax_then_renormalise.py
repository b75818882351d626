# style: probabilities first, then zeros in a copy and a division
def greedy(logits):
    return torch.topk(logits, 1, dim=-1).indices[..., 0]


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("temperature doit être strictement positive")
    return torch.softmax(logits / temperature, dim=-1)


def top_k_probabilities(logits, k, temperature=1.0):
    if not k >= 1:
        raise ValueError(f"k = {k}")
    p = temperature_probabilities(logits, temperature).clone()
    if k < p.shape[-1]:
        order = torch.argsort(logits, dim=-1)
        p.scatter_(-1, order[..., : p.shape[-1] - k], 0.0)
    return p / p.sum(dim=-1, keepdim=True)


def sample(logits, seed, temperature=1.0, k=None):
    rng = np.random.RandomState(seed)
    p = temperature_probabilities(logits, temperature) if k is None else top_k_probabilities(logits, k, temperature)
    p = p.numpy().astype("float64")
    return int(rng.multinomial(1, p / p.sum()).argmax())
