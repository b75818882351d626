# misconception: the mean of both is the residual connection
# fails: test_values, test_gradients
class Block(torch.nn.Module):
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
        z = self.norm_1(x)
        mask = create_causal_mask(x.shape[1], device=x.device)
        h = (x + self.attention(z, z, z, mask=mask)[0]) / 2
        return h + self.mlp(self.norm_2(h))
