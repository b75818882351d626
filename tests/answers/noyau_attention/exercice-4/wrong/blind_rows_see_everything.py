# misconception: a row that sees nothing sees everything
# fails: test_blocked_row, test_blocked_rows

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is not None:
            visible = mask != 0
            some = visible.any(dim=-1, keepdim=True)
            scores = scores.masked_fill(~visible & some, -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        return weights @ V, weights
