# misconception: renormalising is exact, once 0/0 is taken care of
# fails: test_no_leak, test_very_large_scores

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is not None:
            pass
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights * (mask != 0)
            weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)
        return weights @ V, weights
