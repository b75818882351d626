# misconception: -2000 stands for -inf
# fails: test_blocked_scores
def softmax_from_scratch(x, axis=-1):
    mort = np.isneginf(x).all(axis=axis, keepdims=True)
    y = np.where(np.isneginf(x), -2000.0, x)
    e = np.exp(y - y.max(axis=axis, keepdims=True))
    w = e / e.sum(axis=axis, keepdims=True)
    return np.where(mort | np.isneginf(x), 0, w)
