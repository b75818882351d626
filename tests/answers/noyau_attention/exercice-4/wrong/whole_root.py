# misconception: the root of d_k is rounded down
# fails: test_any_shape
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / int(math.sqrt(self.d_k))
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
            return weights @ V, weights
        visible = mask != 0
        voit = visible.any(dim=-1, keepdim=True)
        scores = scores.masked_fill(~visible & voit, -torch.inf)
        weights = torch.softmax(scores, dim=-1).masked_fill(~voit, 0.0)
        return weights @ V, weights
