# style: in-place steps, on tensors of its own only; a list is returned

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = torch.matmul(Q, K.transpose(-2, -1)).div_(math.sqrt(self.d_k))
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
            return [torch.matmul(weights, V), weights]
        hidden = torch.eq(mask, 0)
        nothing = torch.all(hidden, dim=-1, keepdim=True)
        scores.masked_fill_(hidden.logical_and(nothing.logical_not()), -math.inf)
        weights = torch.softmax(scores, dim=-1).mul(nothing.logical_not())
        return [torch.matmul(weights, V), weights]
