# style: np.ndindex over everything but the keys

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    shape = Q.shape[:-1] + (K.shape[-2],)
    seen = np.broadcast_to(True if mask is None else np.not_equal(mask, 0), shape)
    weights, output = np.zeros(shape), np.zeros(Q.shape[:-1] + (V.shape[-1],))
    for place in np.ndindex(*Q.shape[:-1]):
        keys = np.flatnonzero(seen[place])
        if keys.size:
            s = K[place[:-1]][keys] @ Q[place] / math.sqrt(Q.shape[-1])
            e = np.exp(s - s.max())
            weights[place][keys] = e / e.sum()
            output[place] = weights[place][keys] @ V[place[:-1]][keys]
    return output, weights
