# style: the backward pass is written by hand

class Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Q, K, V, seen, d_k):
        q, k, v = Q.double(), K.double(), V.double()
        s = (q @ k.mT / d_k**0.5).masked_fill(~seen, -torch.inf)
        top = s.amax(-1, keepdim=True)
        e = torch.exp(s - torch.where(top.isinf(), 0.0, top))
        total = e.sum(-1, keepdim=True)
        w = e / torch.where(total == 0, 1.0, total)
        ctx.save_for_backward(Q, K, V, w)
        ctx.d_k = d_k
        return w @ v, w

    @staticmethod
    def backward(ctx, d_out, d_w):
        Q, K, V, w = ctx.saved_tensors
        d_w = d_w + d_out @ V.double().mT
        d_s = w * (d_w - (d_w * w).sum(-1, keepdim=True)) / ctx.d_k**0.5
        d_q, d_k, d_v = d_s @ K.double(), d_s.mT @ Q.double(), w.mT @ d_out
        return d_q.to(Q.dtype), d_k.to(K.dtype), d_v.to(V.dtype), None, None


class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        shape = (*Q.shape[:-1], K.shape[-2])
        seen = torch.ones(shape, dtype=torch.bool) if mask is None else mask.bool().expand(shape)
        return Attend.apply(Q, K, V, seen, self.d_k)
