# misconception: the names of parameters are free
# fails: test_parameters, test_equals_torch, test_equals_torch_with_a_causal_mask, test_other_sizes
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("n_heads doit diviser d_model")
        self.n_heads = n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)
        self.attention = ScaledDotProductAttention(d_model // n_heads)

    def forward(self, query, key, value, mask=None):
        Q = split_heads(self.q_proj(query), self.n_heads)
        K = split_heads(self.k_proj(key), self.n_heads)
        V = split_heads(self.v_proj(value), self.n_heads)
        if mask is not None and mask.dim() == 3:
            mask = mask.unsqueeze(1)
        output, weights = self.attention(Q, K, V, mask=mask)
        return self.out_proj(merge_heads(output)), weights
