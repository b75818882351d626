# misconception: the whole array sums to 1
# fails: test_axis, test_any_axis

def softmax_from_scratch(x, axis=-1):
    m = x.max(axis=axis, keepdims=True)
    m = np.where(m == -np.inf, 0, m)
    e = np.exp(x - m)
    return e / e.sum()
