# misconception: a mask given once serves for the calls after
# fails: test_any_mask

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k
        self.mask = None

    def forward(self, Q, K, V, mask=None):
        if mask is not None:
            self.mask = mask
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if self.mask is not None:
            scores = scores.masked_fill(self.mask == 0, -torch.inf)
        weights = torch.softmax(scores, dim=-1).nan_to_num(0.0)
        return weights @ V, weights
