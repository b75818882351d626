# style: bmm with the heads in the batch dimension
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("division impossible")
        self.n_heads = n_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def fold(self, x):
        return split_heads(x, self.n_heads).flatten(0, 1)

    def forward(self, query, key, value, mask=None):
        batch, n_q, d_model = query.shape
        n_k = key.shape[1]
        Q, K, V = self.fold(self.W_q(query)), self.fold(self.W_k(key)), self.fold(self.W_v(value))
        if mask is not None:
            if mask.dim() == 3:
                mask = mask.unsqueeze(1)
            mask = mask.expand(batch, self.n_heads, n_q, n_k).reshape(-1, n_q, n_k)
        output, weights = ScaledDotProductAttention(Q.shape[-1])(Q, K, V, mask)
        output = output.reshape(batch, self.n_heads, n_q, -1)
        return self.W_o(merge_heads(output)), weights.reshape(batch, self.n_heads, n_q, n_k)
