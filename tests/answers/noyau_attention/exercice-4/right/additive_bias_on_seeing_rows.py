# style: a bias of 0 and -inf, left at 0 in the rows that see nothing

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / (Q.size(-1) ** 0.5)
        if mask is not None:
            seen = mask != 0
            some = seen.any(dim=-1, keepdim=True)
            bias = torch.zeros(seen.shape, dtype=scores.dtype).masked_fill(~seen & some, float("-inf"))
            weights = torch.softmax(scores + bias, dim=-1) * some
        else:
            weights = torch.softmax(scores, dim=-1)
        return weights @ V, weights
