# style: the mask kept from one call to the next, grown when needed
class Block(torch.nn.Module):
    """Un bloc de GPT."""

    def __init__(self, d_model, n_heads):
        super().__init__()
        self.norm_1 = torch.nn.LayerNorm(d_model)
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.norm_2 = torch.nn.LayerNorm(d_model)
        self.mlp = torch.nn.Sequential(
            torch.nn.Linear(d_model, 4 * d_model),
            torch.nn.GELU(),
            torch.nn.Linear(4 * d_model, d_model),
        )

    def forward(self, x):
        n = x.shape[1]
        if getattr(self, "kept_mask", None) is None or len(self.kept_mask) < n:
            self.kept_mask = create_causal_mask(2 * n)
        z = self.norm_1(x)
        h = x + self.attention(z, z, z, mask=self.kept_mask[:n, :n])[0]
        return h + self.mlp(self.norm_2(h))
