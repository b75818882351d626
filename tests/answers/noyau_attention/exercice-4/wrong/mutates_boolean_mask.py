# misconception: the mask may be opened in place in the rows that see nothing
# fails: test_repeated_calls

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
            return weights @ V, weights
        blind = (mask == 0).all(dim=-1, keepdim=True)
        if mask.dtype == torch.bool and 0 not in mask.stride():
            mask |= blind
        weights = torch.softmax(scores.masked_fill((mask == 0) & ~blind, -torch.inf), dim=-1) * ~blind
        return weights @ V, weights
