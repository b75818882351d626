# misconception: -10000 stands for -inf, as if no allowed score were lower
# fails: test_blocked_scores
def softmax_from_scratch(x, axis=-1):
    nothing = np.isneginf(x).all(axis=axis, keepdims=True)
    y = np.where(np.isneginf(x), -1e4, x)
    e = np.exp(y - y.max(axis=axis, keepdims=True))
    return np.where(nothing, 0, e / e.sum(axis=axis, keepdims=True))
