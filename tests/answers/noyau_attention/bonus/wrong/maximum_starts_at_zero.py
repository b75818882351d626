# misconception: the maximum starts at 0
# fails: test_large
def streaming_attention(scores, values):
    m, l, o = 0.0, 0.0, np.zeros(values.shape[1])
    for s, v in zip(scores, values):
        m2 = max(m, s)
        l = np.exp(m - m2) * l + np.exp(s - m2)
        o = np.exp(m - m2) * o + np.exp(s - m2) * v
        m = m2
    return o / l
