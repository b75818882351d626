# style: a mask of booleans made with tril
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
        n = x.size(-2)
        mask = torch.ones(n, n, dtype=torch.bool).tril()
        normed = self.norm_1(x)
        out, _ = self.attention(query=normed, key=normed, value=normed, mask=mask)
        h = out + x
        return self.mlp(self.norm_2(h)) + h
