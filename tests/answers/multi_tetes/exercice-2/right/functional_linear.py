# style: torch.nn.functional.linear, weights and a float mask added as a bias
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("n_heads doit diviser d_model")
        self.n_heads = n_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.d_head = d_model // n_heads

    def forward(self, query, key, value, mask=None):
        linear = nn.functional.linear
        Q = split_heads(linear(query, self.W_q.weight, self.W_q.bias), self.n_heads)
        K = split_heads(linear(key, self.W_k.weight, self.W_k.bias), self.n_heads)
        V = split_heads(linear(value, self.W_v.weight, self.W_v.bias), self.n_heads)
        if mask is not None and mask.dim() == 3:
            mask = mask.unsqueeze(1)
        scores = Q @ K.transpose(-2, -1) / self.d_head**0.5
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
        else:
            visible = mask.bool()
            bias = torch.zeros(visible.shape).masked_fill(visible.logical_not(), torch.finfo(scores.dtype).min / 2)
            weights = torch.softmax(scores + bias, dim=-1).masked_fill(visible.logical_not(), 0.0)
        return self.W_o(merge_heads(weights @ V)), weights
