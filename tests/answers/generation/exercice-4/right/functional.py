# style: functional layer norm and the MLP layer by layer
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
        d = x.shape[-1]
        z = torch.nn.functional.layer_norm(x, (d,), self.norm_1.weight, self.norm_1.bias)
        mask = torch.tril(torch.ones(x.shape[1], x.shape[1]))
        h = x + self.attention(z, z, z, mask=mask)[0]
        z = torch.nn.functional.layer_norm(h, (d,), self.norm_2.weight, self.norm_2.bias)
        for layer in self.mlp:
            z = layer(z)
        return h + z
