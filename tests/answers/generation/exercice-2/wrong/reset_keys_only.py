# misconception: reset empties the keys and keeps a stale length
# fails: test_reset
def create_offset_mask(n_new, n_past):
    return torch.ones(n_new, n_past + n_new).tril(n_past)


class CachedAttention:
    def __init__(self, d_k):
        self.d_k = d_k
        self.K = None
        self.V = None

    def step(self, Q, K, V):
        n_past = getattr(self, 'n', 0)
        if self.K is not None:
            K = torch.cat([self.K, K], dim=-2)
            V = torch.cat([self.V, V], dim=-2)
        self.K, self.V = K, V
        self.n = K.shape[-2]
        mask = create_offset_mask(Q.shape[-2], n_past)
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        weights = torch.softmax(scores.masked_fill(mask == 0, float("-inf")), dim=-1)
        return weights @ V, weights

    def reset(self):
        self.K = None
        self.V = None
