# misconception: only a table that is blocked as a whole is cared for
# fails: test_blocked_slice
def softmax_from_scratch(x, axis=-1):
    if np.isneginf(x).all():
        return np.zeros(x.shape)
    m = x.max(axis=axis, keepdims=True)
    e = np.exp(x - m)
    return e / e.sum(axis=axis, keepdims=True)
