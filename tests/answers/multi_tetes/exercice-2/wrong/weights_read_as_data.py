# misconception: the numbers of a parameter are in its data
# fails: test_gradients
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
        def projected(layer, x):
            return split_heads(x @ layer.weight.data.T + layer.bias, self.n_heads)

        Q, K, V = projected(self.W_q, query), projected(self.W_k, key), projected(self.W_v, value)
        if mask is not None and mask.dim() == 3:
            mask = mask.unsqueeze(1)
        output, weights = self.attention(Q, K, V, mask=mask)
        return self.W_o(merge_heads(output)), weights
