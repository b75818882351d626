# style: einsum everywhere, a softmax of its own

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    s = np.einsum("...qd,...kd->...qk", Q, K) / (Q.shape[-1] ** 0.5)
    m = np.ones_like(s, dtype=bool) if mask is None else np.broadcast_to(mask, s.shape).astype(bool)
    top = np.max(s, axis=-1, keepdims=True, where=m, initial=-1e300)
    e = np.exp(np.minimum(s - top, 0)) * m
    z = e.sum(-1, keepdims=True)
    w = e / np.where(z > 0, z, 1)
    return np.einsum("...qk,...kv->...qv", w, V), w
