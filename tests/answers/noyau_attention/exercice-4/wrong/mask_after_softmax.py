# misconception: weights are set to zero after the softmax
# fails: test_masked_example, test_any_mask, test_no_leak

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
        return weights @ V, weights
