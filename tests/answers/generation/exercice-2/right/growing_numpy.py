# style: the cache is a list of NumPy arrays

def create_offset_mask(n_new, n_past):
    return np.concatenate([np.ones((n_new, n_past), dtype=bool), np.tri(n_new, dtype=bool)], axis=1)


class CachedAttention:
    def __init__(self, d_k):
        self.scale = d_k**-0.5
        self.chunks = []

    def step(self, Q, K, V):
        n_past = sum(k.shape[-2] for k, _ in self.chunks)
        self.chunks.append((K.numpy().copy(), V.numpy().copy()))
        k, v = (np.concatenate(part, axis=-2).astype(np.float64) for part in zip(*self.chunks))
        s = Q.numpy().astype(np.float64) @ k.swapaxes(-1, -2) * self.scale
        s = np.where(create_offset_mask(Q.shape[-2], n_past), s, -np.inf)
        e = np.exp(s - s.max(-1, keepdims=True))
        w = e / e.sum(-1, keepdims=True)
        return torch.from_numpy(w @ v), torch.from_numpy(w)

    def reset(self):
        self.chunks.clear()
