# style: the library's attention on the heads, weights by its hand on an identity

class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads doit diviser d_model")
        self.n_heads = n_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        Q = split_heads(self.W_q(query), self.n_heads)
        K = split_heads(self.W_k(key), self.n_heads)
        V = split_heads(self.W_v(value), self.n_heads)
        visible = torch.ones(1, 1, Q.shape[2], K.shape[2], dtype=torch.bool)
        if mask is not None:
            visible = ((mask[:, None] if mask.dim() == 3 else mask) != 0) & visible
        some = visible.any(dim=-1, keepdim=True)
        identity = torch.eye(K.shape[2]).expand(*K.shape[:2], -1, -1)
        attend = nn.functional.scaled_dot_product_attention
        weights = attend(Q, K, identity, attn_mask=visible | ~some).masked_fill(~some, 0.0)
        return self.W_o(merge_heads(weights @ V)), weights
