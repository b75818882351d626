# misconception: replacing NaN by zero in the forward pass repairs the backward pass
# fails: test_gradients_flow, test_blocked_rows, test_gradients

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is not None:
            scores = scores + torch.where(mask != 0, 0.0, -torch.inf).to(scores.dtype)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = torch.nan_to_num(weights, nan=0.0)
        return weights @ V, weights
