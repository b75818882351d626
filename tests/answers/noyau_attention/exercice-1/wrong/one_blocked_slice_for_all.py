# misconception: a blocked slice takes the maximum of all others away
# fails: test_blocked_scores
def softmax_from_scratch(x, axis=-1):
    m = x.max(axis=axis, keepdims=True)
    if np.isneginf(m).any():
        m = np.zeros_like(m)
    e = np.exp(x - m)
    s = e.sum(axis=axis, keepdims=True)
    return e / np.where(s == 0, 1, s)
