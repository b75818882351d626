# misconception: the second sum starts from the normalised
# fails: test_values
class Block(torch.nn.Module):
    """Un bloc de GPT, pre-norm : attention causale, puis MLP, avec deux connexions résiduelles.

    Args:
        d_model: dimension des tokens.
        n_heads: nombre de têtes ; d_model en est un multiple.
    """

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
        """Applique le bloc : (batch, n, d_model) -> (batch, n, d_model)."""
        n = x.shape[1]
        mask = create_causal_mask(n, device=x.device)
        z = self.norm_1(x)
        a, _ = self.attention(z, z, z, mask=mask)
        h = x + a
        h = self.norm_2(h)
        return h + self.mlp(h)
