# style: einsum, layers made in a loop
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("division impossible")
        self.h = n_heads
        for name in ("W_q", "W_k", "W_v", "W_o"):
            setattr(self, name, nn.Linear(d_model, d_model, bias=True))

    def heads(self, x):
        return x.unflatten(-1, (self.h, -1))

    def forward(self, query, key, value, mask=None):
        q, k, v = self.heads(self.W_q(query)), self.heads(self.W_k(key)), self.heads(self.W_v(value))
        scores = torch.einsum("bihd,bjhd->bhij", q, k) * q.shape[-1] ** -0.5
        if mask is not None:
            if mask.dim() == 3:
                mask = mask[:, None]
            visible = (mask != 0).expand_as(scores)
            some = visible.any(dim=-1, keepdim=True)
            scores = torch.where(visible | ~some, scores, float("-inf"))
            a = torch.where(some, scores.softmax(-1), 0.0)
        else:
            a = scores.softmax(-1)
        return self.W_o(torch.einsum("bhij,bjhd->bihd", a, v).flatten(-2)), a
