# style: room allocated ahead, doubled when it is full
def create_offset_mask(n_new, n_past):
    return (np.arange(n_past + n_new)[None, :] <= np.arange(n_past, n_past + n_new)[:, None]).astype(np.float32)


class CachedAttention:
    def __init__(self, d_k):
        self.d_k = d_k
        self.length = 0
        self.K = self.V = None

    def _store(self, buffer, new):
        needed = self.length + new.shape[-2]
        if buffer is None or buffer.shape[-2] < needed:
            bigger = torch.zeros(*new.shape[:-2], 2 * needed, new.shape[-1], dtype=new.dtype)
            if buffer is not None:
                bigger[..., : self.length, :] = buffer[..., : self.length, :]
            buffer = bigger
        buffer[..., self.length : needed, :] = new
        return buffer

    def step(self, Q, K, V):
        self.K, self.V = self._store(self.K, K), self._store(self.V, V)
        n_past, n_new = self.length, K.shape[-2]
        self.length += n_new
        mask = torch.as_tensor(create_offset_mask(n_new, n_past))
        keys, values = self.K[..., : self.length, :], self.V[..., : self.length, :]
        return ScaledDotProductAttention(self.d_k)(Q, keys, values, mask=mask)

    def reset(self):
        self.length = 0
        self.K = self.V = None
