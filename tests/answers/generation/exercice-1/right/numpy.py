# style: NumPy inside, tensors out, np.random.default_rng
def greedy(logits):
    return torch.from_numpy(np.asarray(logits.numpy().argmax(axis=-1)))


def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError("temperature <= 0")
    z = logits.numpy().astype(float) / temperature
    z = z - z.max(axis=-1, keepdims=True)
    p = np.exp(z)
    return torch.from_numpy(p / p.sum(axis=-1, keepdims=True))


def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError("k < 1")
    p = temperature_probabilities(logits, temperature).numpy()
    k = min(k, p.shape[-1])
    z = logits.numpy()
    kth = np.sort(z, axis=-1)[..., -k][..., None]
    p = np.where(z >= kth, p, 0)
    return torch.tensor(p / p.sum(axis=-1, keepdims=True))


def sample(logits, seed, temperature=1.0, k=None):
    p = top_k_probabilities(logits, len(logits) if k is None else k, temperature).double().numpy()
    return np.random.default_rng(seed).choice(len(p), p=p / p.sum())
