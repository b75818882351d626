# style: torch.nn.functional.multi_head_attention_forward

class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        if d_model % n_heads:
            raise ValueError("n_heads ne divise pas d_model")
        super().__init__()
        self.n_heads, self.d_model = n_heads, d_model
        for name in "qkvo":
            setattr(self, f"W_{name}", nn.Linear(d_model, d_model))

    def forward(self, query, key, value, mask=None):
        batch, n_q, _ = query.shape
        n_k = key.shape[1]
        seen = torch.ones(batch, 1, n_q, n_k, dtype=torch.bool)
        if mask is not None:
            seen = mask.bool()[:, None] if mask.dim() == 3 else mask.bool()
        seen = seen.expand(batch, self.n_heads, n_q, n_k)
        blind = ~seen.any(-1, keepdim=True)
        parts = {}
        for name, x in (("q", query), ("k", key), ("v", value)):
            parts[name] = getattr(self, f"W_{name}")(x).unflatten(-1, (self.n_heads, -1)).transpose(1, 2)
        scores = torch.einsum("bhqd,bhkd->bhqk", parts["q"], parts["k"]) * (self.d_model / self.n_heads) ** -0.5
        scores = scores.masked_fill(~(seen | blind), float("-inf"))
        weights = scores.softmax(-1) * ~blind
        mixed = torch.einsum("bhqk,bhkd->bqhd", weights, parts["v"]).reshape(batch, n_q, -1)
        return self.W_o(mixed), weights
