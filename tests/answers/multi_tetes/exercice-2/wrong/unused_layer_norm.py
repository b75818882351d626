# misconception: a normalisation stands ready in the layer, and is never used
# fails: test_parameters
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads doit diviser d_model")
        self.n_heads = n_heads
        self.W_q, self.W_k, self.W_v, self.W_o = (nn.Linear(d_model, d_model) for _ in range(4))
        self.norm = nn.LayerNorm(d_model)
        self.attention = ScaledDotProductAttention(d_model // n_heads)

    def forward(self, query, key, value, mask=None):
        Q = split_heads(self.W_q(query), self.n_heads)
        K = split_heads(self.W_k(key), self.n_heads)
        V = split_heads(self.W_v(value), self.n_heads)
        if mask is not None and mask.dim() == 3:
            mask = mask[:, None]
        mixed, weights = self.attention(Q, K, V, mask=mask)
        return self.W_o(merge_heads(mixed)), weights
