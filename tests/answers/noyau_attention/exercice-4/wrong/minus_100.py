# misconception: -100 blocks
# fails: test_any_mask, test_blocked_rows, test_short_types, test_very_large_scores, test_repeated_calls
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is None:
            mask = torch.ones(scores.shape[-2:])
        visible = mask != 0
        sees_something = visible.any(dim=-1, keepdim=True)
        scores = scores.masked_fill(~visible & sees_something, -100.0)
        weights = torch.softmax(scores, dim=-1).masked_fill(~sees_something, 0.0)
        return weights @ V, weights
