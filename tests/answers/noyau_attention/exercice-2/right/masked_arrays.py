# style: numpy.ma hides what is blocked

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    hidden = np.zeros(scores.shape, bool) if mask is None else np.broadcast_to(np.asarray(mask) == 0, scores.shape)
    scores = np.ma.array(scores, mask=hidden)
    e = np.ma.exp(scores - scores.max(axis=-1, keepdims=True))
    w = np.asarray((e / e.sum(axis=-1, keepdims=True)).filled(0.0))
    return w @ V, w
