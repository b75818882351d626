# misconception: the default axis is the first one
# fails: test_axis, test_any_axis

def softmax_from_scratch(x, axis=0):
    m = x.max(axis=axis, keepdims=True)
    m = np.where(m == -np.inf, 0, m)
    e = np.exp(x - m)
    s = e.sum(axis=axis, keepdims=True)
    return e / np.where(s == 0, 1, s)
