# style: three running quantities, rescaled when the maximum changes

def streaming_attention(scores, values):
    m, l = -np.inf, 0.0
    o = np.zeros(values.shape[1])
    for s, v in zip(scores, values):
        if s > m:
            factor = np.exp(m - s)
            o, l, m = o * factor, l * factor, s
        p = np.exp(s - m)
        l += p
        o += p * v
    return o / l
