# misconception: a constant belongs in a buffer of the state
# fails: test_parameters
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads doit diviser d_model")
        self.n_heads = n_heads
        self.W_q, self.W_k, self.W_v, self.W_o = (nn.Linear(d_model, d_model) for _ in range(4))
        self.register_buffer("scale", torch.tensor((d_model // n_heads) ** 0.5))

    def forward(self, query, key, value, mask=None):
        Q = split_heads(self.W_q(query), self.n_heads)
        K = split_heads(self.W_k(key), self.n_heads)
        V = split_heads(self.W_v(value), self.n_heads)
        scores = Q @ K.transpose(-1, -2) / self.scale
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
        else:
            visible = (mask.unsqueeze(1) if mask.dim() == 3 else mask) != 0
            some = visible.any(dim=-1, keepdim=True)
            weights = torch.softmax(scores.masked_fill(~visible & some, -torch.inf), dim=-1).masked_fill(~some, 0.0)
        return self.W_o(merge_heads(weights @ V)), weights
