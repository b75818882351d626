# style: computed in float32 at least, then given the type of the inputs

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        wide = torch.promote_types(Q.dtype, torch.float32)
        s = torch.einsum("...id,...jd->...ij", Q.to(wide), K.to(wide)) * (self.d_k ** -0.5)
        keep = torch.ones_like(s, dtype=torch.bool) if mask is None else (mask > 0).expand_as(s)
        s = s.masked_fill(keep.logical_not(), -1e30)
        e = torch.exp(s - s.amax(-1, keepdim=True)) * keep
        w = e / e.sum(-1, keepdim=True).clamp(min=1e-20)
        out = torch.einsum("...ij,...jd->...id", w, V.to(wide))
        return out.to(Q.dtype), w.to(Q.dtype)
