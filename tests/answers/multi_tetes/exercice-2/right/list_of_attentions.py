# style: a plain list with one attention a head, chunks
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
        self.heads = [ScaledDotProductAttention(d_model // n_heads) for _ in range(n_heads)]

    def forward(self, query, key, value, mask=None):
        parts = zip(
            self.W_q(query).chunk(self.n_heads, dim=-1),
            self.W_k(key).chunk(self.n_heads, dim=-1),
            self.W_v(value).chunk(self.n_heads, dim=-1),
        )
        results = []
        for h, (head, (q, k, v)) in enumerate(zip(self.heads, parts)):
            own = mask
            if mask is not None and mask.dim() == 4:
                own = mask[:, min(h, mask.shape[1] - 1)]
            results.append(head(q, k, v, own))
        outputs, weights = zip(*results)
        return self.W_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)
