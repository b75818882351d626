# style: the weights returned are for looking at: no gradient goes through them

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is not None:
            seen = mask.bool()
            scores = scores.masked_fill(~(seen | ~seen.any(-1, keepdim=True)), -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        if mask is not None:
            weights = weights * seen.any(-1, keepdim=True)
        return weights @ V, weights.detach()
