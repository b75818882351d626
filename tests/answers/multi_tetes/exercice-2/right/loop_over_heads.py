# style: one head at a time, slices of columns
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError(f"{d_model} n'est pas un multiple de {n_heads}")
        self.n_heads, self.d_head = n_heads, d_model // n_heads
        self.W_q, self.W_k, self.W_v, self.W_o = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, query, key, value, mask=None):
        Q, K, V = self.W_q(query), self.W_k(key), self.W_v(value)
        attention = ScaledDotProductAttention(self.d_head)
        outputs, weights = [], []
        for h in range(self.n_heads):
            columns = slice(h * self.d_head, (h + 1) * self.d_head)
            mask_h = mask
            if mask is not None and mask.dim() == 4:
                mask_h = mask[:, h] if mask.shape[1] > 1 else mask[:, 0]
            output, weight = attention(Q[..., columns], K[..., columns], V[..., columns], mask=mask_h)
            outputs.append(output)
            weights.append(weight)
        return self.W_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)
