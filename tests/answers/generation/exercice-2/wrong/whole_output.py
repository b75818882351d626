# misconception: caches the queries too, and returns the outputs of the whole text
# fails: test_one_by_one, test_prefill_then_one, test_any_blocks
def create_offset_mask(n_new, n_past):
    return torch.ones(n_new, n_past + n_new).tril(n_past)


class CachedAttention:
    def __init__(self, d_k):
        self.attention = ScaledDotProductAttention(d_k)
        self.past = None

    def step(self, Q, K, V):
        if self.past is not None:
            Q, K, V = (torch.cat(pair, dim=-2) for pair in zip(self.past, (Q, K, V)))
        self.past = (Q, K, V)
        return self.attention(Q, K, V, mask=create_causal_mask(Q.shape[-2]))

    def reset(self):
        self.past = None
