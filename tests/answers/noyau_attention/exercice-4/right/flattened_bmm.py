# style: the batch flattened, torch.baddbmm

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.register_buffer("scale", torch.tensor(float(d_k)).rsqrt())

    def forward(self, Q, K, V, mask=None):
        batch = Q.shape[:-2]
        q, k, v = (x.reshape(-1, *x.shape[-2:]).float() if x.dtype != torch.float64 else x.reshape(-1, *x.shape[-2:]) for x in (Q, K, V))
        s = torch.bmm(q, k.transpose(1, 2)) * self.scale
        if mask is None:
            w = s.softmax(2)
        else:
            seen = mask.expand(*batch, *s.shape[1:]).reshape(s.shape) > 0
            safe = torch.where(seen, s, torch.finfo(s.dtype).min / 2)
            w = torch.where(seen, torch.exp(safe - safe.max(dim=2, keepdim=True).values), 0)
            total = w.sum(2, keepdim=True)
            w = w / torch.where(total > 0, total, torch.ones_like(total))
        out = torch.bmm(w, v)
        return out.reshape(*batch, *out.shape[1:]), w.reshape(*batch, *w.shape[1:])
