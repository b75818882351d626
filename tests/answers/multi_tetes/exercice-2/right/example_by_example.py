# style: one example at a time, the mask picked for it
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
        self.attention = ScaledDotProductAttention(d_model // n_heads)

    def forward(self, query, key, value, mask=None):
        Q = split_heads(self.W_q(query), self.n_heads)
        K = split_heads(self.W_k(key), self.n_heads)
        V = split_heads(self.W_v(value), self.n_heads)
        outputs, weights = [], []
        for b in range(query.shape[0]):
            chosen = mask
            if mask is not None and mask.dim() > 2:
                chosen = mask[b] if mask.shape[0] > 1 else mask[0]
            output, weight = self.attention(Q[b], K[b], V[b], mask=chosen)
            outputs.append(output)
            weights.append(weight)
        return self.W_o(merge_heads(torch.stack(outputs))), torch.stack(weights)
