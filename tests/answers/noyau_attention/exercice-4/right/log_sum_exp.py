# style: exponential of the scores minus their log-sum-exp

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        wide = torch.float64
        s = (Q.to(wide) @ K.to(wide).transpose(-1, -2)) / math.sqrt(self.d_k)
        keep = torch.tensor(True) if mask is None else (mask != 0)
        keep = keep.expand(s.shape)
        some = keep.any(-1, keepdim=True)
        s = s.masked_fill(~keep & some, -math.inf)
        w = (s - torch.logsumexp(s, -1, keepdim=True)).exp().masked_fill(~some, 0)
        return w @ V.to(wide), w
