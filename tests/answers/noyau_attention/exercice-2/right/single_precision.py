# style: everything in float32

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    Q, K, V = (np.array(x, dtype=np.float32) for x in (Q, K, V))
    scores = np.matmul(Q, np.moveaxis(K, -1, -2)) * np.float32(Q.shape[-1] ** -0.5)
    if mask is None:
        mask = np.ones(scores.shape[-2:])
    allowed = np.broadcast_to(np.asarray(mask).astype(bool), scores.shape)
    top = np.max(scores, axis=-1, keepdims=True, where=allowed, initial=-3e38)
    e = np.where(allowed, np.exp(np.where(allowed, scores - top, 0)), 0)
    weights = e / np.maximum(e.sum(axis=-1, keepdims=True), 1e-30)
    return np.einsum("...qk,...kv->...qv", weights, V), weights
