# style: a mask from indices, helpers as methods
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

    def attend(self, x):
        j = torch.arange(x.shape[1])
        output, weights = self.attention(x, x, x, j <= j[:, None])
        return output

    def forward(self, x):
        h = x + self.attend(self.norm_1(x))
        return h + self.mlp(self.norm_2(h))
