# style: -1e30 in the scores, then blocked rows are zeroed by hand

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q.astype(float) @ np.moveaxis(K, -1, -2) / np.sqrt(Q.shape[-1])
    allowed = np.ones(scores.shape, bool) if mask is None else np.broadcast_to(np.array(mask, bool), scores.shape)
    scores[~allowed] = -1e30
    e = np.exp(scores - scores.max(-1, keepdims=True))
    w = e / e.sum(-1, keepdims=True)
    w = w * allowed.any(-1)[..., None]
    return w @ V, w
