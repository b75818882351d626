# style: a mask from NumPy
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
        mask = torch.from_numpy(np.tri(x.shape[1], dtype=bool))
        h1 = self.norm_1(x)
        h2 = x + self.attention(h1, h1, h1, mask=mask)[0]
        h3 = self.norm_2(h2)
        h4 = self.mlp(h3)
        return torch.add(h2, h4)
