# misconception: numbers alone mask
# fails: test_masked_example, test_any_mask, test_blocked_rows, test_short_types, test_gradients, test_very_large_scores, test_repeated_calls
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
            return weights @ V, weights
        visible = (1 - mask) == 0
        sees_something = visible.any(dim=-1, keepdim=True)
        scores = scores.masked_fill(~visible & sees_something, -torch.inf)
        weights = torch.softmax(scores, dim=-1).masked_fill(~sees_something, 0.0)
        return weights @ V, weights
