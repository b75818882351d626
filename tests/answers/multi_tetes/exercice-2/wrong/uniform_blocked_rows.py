# misconception: -1e9 blocks
# fails: test_masks_of_heads, test_blocked_queries
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("n_heads doit diviser d_model")
        self.n_heads, self.d_head = n_heads, d_model // n_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        Q = split_heads(self.W_q(query), self.n_heads)
        K = split_heads(self.W_k(key), self.n_heads)
        V = split_heads(self.W_v(value), self.n_heads)
        scores = Q @ K.transpose(-2, -1) / self.d_head**0.5
        if mask is not None:
            if mask.dim() == 3:
                mask = mask.unsqueeze(1)
            visible = (mask != 0).expand(scores.shape)
            weights = torch.softmax(scores.masked_fill(~visible, -1e9), dim=-1)
        else:
            weights = torch.softmax(scores, dim=-1)
        return self.W_o(merge_heads(weights @ V)), weights
