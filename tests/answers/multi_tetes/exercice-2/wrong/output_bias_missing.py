# misconception: the last projection needs no bias
# fails: test_parameters
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads doit diviser d_model")
        self.n_heads = n_heads
        self.W_q, self.W_k, self.W_v = (nn.Linear(d_model, d_model) for _ in range(3))
        self.W_o = nn.Linear(d_model, d_model, bias=False)
        self.attention = ScaledDotProductAttention(d_model // n_heads)

    def forward(self, query, key, value, mask=None):
        Q, K, V = (
            split_heads(W(x), self.n_heads)
            for W, x in ((self.W_q, query), (self.W_k, key), (self.W_v, value))
        )
        if mask is not None and mask.dim() == 3:
            mask = mask.unsqueeze(1)
        mixed, weights = self.attention(Q, K, V, mask=mask)
        return self.W_o(merge_heads(mixed)), weights
