# misconception: exponentials of raw scores never overflow
# fails: test_very_large_scores

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        e = torch.exp(scores)
        if mask is not None:
            e = e * (mask != 0)
        weights = e / e.sum(dim=-1, keepdim=True).clamp(min=1e-6)
        return weights @ V, weights
