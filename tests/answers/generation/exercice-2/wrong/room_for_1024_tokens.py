# misconception: no text is longer than 1,024 tokens
# fails: test_any_blocks

def create_offset_mask(n_new, n_past):
    return create_causal_mask(n_past + n_new)[n_past:]


class CachedAttention:
    def __init__(self, d_k):
        self.attention = ScaledDotProductAttention(d_k)
        self.reset()

    def step(self, Q, K, V):
        if self.K is None:
            self.K = torch.zeros(*K.shape[:-2], 1024, K.shape[-1])
            self.V = torch.zeros(*V.shape[:-2], 1024, V.shape[-1])
        n = K.shape[-2]
        self.K[..., self.n : self.n + n, :] = K
        self.V[..., self.n : self.n + n, :] = V
        self.n += n
        mask = create_offset_mask(n, self.n - n)
        return self.attention(Q, self.K[..., : self.n, :], self.V[..., : self.n, :], mask=mask)

    def reset(self):
        self.K = self.V = None
        self.n = 0
