# style: the smallest number of the type, then a product with the mask

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = (Q / math.sqrt(self.d_k)) @ K.transpose(-2, -1)
        if mask is None:
            weights = scores.softmax(dim=-1)
            return weights @ V, weights
        visible = mask.to(torch.bool)
        scores = scores.masked_fill(~visible, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1) * visible.to(scores.dtype)
        return weights @ V, weights
