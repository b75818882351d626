# style: blocks of four keys, merged two at a time

def streaming_attention(scores, values):
    m, l, o = -np.inf, 0.0, np.zeros(values.shape[-1])
    for start in range(0, len(scores), 4):
        s, v = scores[start : start + 4], values[start : start + 4]
        new = max(m, s.max())
        p = np.exp(s - new)
        o = o * np.exp(m - new) + p @ v
        l = l * np.exp(m - new) + p.sum()
        m = new
    return o / l
