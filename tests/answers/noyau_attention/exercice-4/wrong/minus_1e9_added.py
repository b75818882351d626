# misconception: a bias of -1e9 may be added in float16
# fails: test_short_types

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
        else:
            visible = (mask != 0).to(scores.dtype)
            weights = torch.softmax(scores + (1 - visible) * -1e9, dim=-1) * visible
        return weights @ V, weights
