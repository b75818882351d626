# misconception: blocked keys are set to zero where they stand
# fails: test_blocked_queries
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("n_heads doit diviser d_model")
        self.d_model, self.n_heads, self.d_head = d_model, n_heads, d_model // n_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        Q = split_heads(self.W_q(query), self.n_heads)
        if mask is not None and mask.dim() == 3:
            with torch.no_grad():
                key *= mask.bool().any(dim=1).unsqueeze(-1)
        K = split_heads(self.W_k(key), self.n_heads)
        V = split_heads(self.W_v(value), self.n_heads)
        if mask is not None and mask.dim() == 3:
            mask = mask.unsqueeze(1)
        mixed, weights = ScaledDotProductAttention(self.d_head)(Q, K, V, mask=mask)
        return self.W_o(merge_heads(mixed)), weights
