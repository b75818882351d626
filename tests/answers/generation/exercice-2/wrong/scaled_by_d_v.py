# misconception: the root of d_v scales the scores
# fails: test_any_blocks
def create_offset_mask(n_new, n_past):
    j = torch.arange(n_past + n_new)
    i = torch.arange(n_new)[:, None]
    return (j <= n_past + i).float()


class CachedAttention:
    def __init__(self, d_k):
        self.d_k = d_k
        self.attention = ScaledDotProductAttention(d_k)
        self.K = None
        self.V = None

    def step(self, Q, K, V):
        n_past = 0 if self.K is None else self.K.shape[-2]
        if self.K is None:
            self.K, self.V = K, V
        else:
            self.K = torch.cat((self.K, K), dim=-2)
            self.V = torch.cat((self.V, V), dim=-2)
        mask = create_offset_mask(Q.shape[-2], n_past)
        s = Q @ self.K.transpose(-2, -1) / math.sqrt(self.V.shape[-1])
        w = s.masked_fill(mask == 0, -math.inf).softmax(-1)
        return w @ self.V, w

    def reset(self):
        self.K = None
        self.V = None
