# misconception: as soon as one score is blocked the slice is zero
# fails: test_blocked_scores

def softmax_from_scratch(x, axis=-1):
    blocked = np.any(x == -np.inf, axis=axis, keepdims=True)
    m = x.max(axis=axis, keepdims=True)
    e = np.exp(x - np.where(m == -np.inf, 0, m))
    s = e.sum(axis=axis, keepdims=True)
    return np.where(blocked, 0, e / np.where(s == 0, 1, s))
