# misconception: scores are divided by d_k
# fails: test_example, test_any_shape

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / self.d_k
        if mask is not None:
            visible = mask != 0
            some = visible.any(dim=-1, keepdim=True)
            scores = scores.masked_fill(~visible & some, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~some, 0.0)
        return weights @ V, weights
