# misconception: a blocked score is the smallest number of float32
# fails: test_short_types
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is not None:
            scores = scores.masked_fill(mask == 0, torch.finfo(torch.float32).min)
        w = torch.softmax(scores, -1)
        if mask is not None:
            w = w.masked_fill(mask == 0, 0)
        return w @ V, w
