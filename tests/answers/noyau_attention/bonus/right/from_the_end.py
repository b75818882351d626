# style: the keys are read from the last to the first

def streaming_attention(scores, values):
    n = len(scores)
    m, l, o = scores[n - 1], 1.0, values[n - 1] * 1.0
    while n > 1:
        n -= 1
        s, v = scores[n - 1], values[n - 1]
        if s <= m:
            w = np.exp(s - m)
            l, o = l + w, o + w * v
        else:
            w = np.exp(m - s)
            m, l, o = s, l * w + 1, o * w + v
    return o / l
