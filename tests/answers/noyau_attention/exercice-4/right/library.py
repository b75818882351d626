# style: the library computes the output, and the weights with V = identity

import torch.nn.functional as F


class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        n_q, n_k = Q.shape[-2], K.shape[-2]
        seen = None
        if mask is not None:
            seen = torch.broadcast_to(mask.bool(), (*Q.shape[:-2], n_q, n_k))
        eye = torch.eye(n_k, dtype=V.dtype).expand(*K.shape[:-2], n_k, n_k)
        scale = 1 / math.sqrt(self.d_k)
        weights = F.scaled_dot_product_attention(Q, K, eye, attn_mask=seen, scale=scale)
        if seen is not None:
            weights = weights * seen.any(-1, keepdim=True)
        return weights @ V, weights
