# misconception: log(mask) is a bias, and NaN can be erased after
# fails: test_gradients_flow, test_blocked_rows, test_gradients

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is not None:
            scores = scores + torch.log((mask != 0).to(scores.dtype))
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = torch.where(torch.isnan(weights), 0.0, weights)
        return weights @ V, weights
