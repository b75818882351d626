# misconception: a small constant in the denominator avoids 0/0 at no cost
# fails: test_example, test_any_axis

def softmax_from_scratch(x, axis=-1):
    m = x.max(axis=axis, keepdims=True)
    e = np.exp(x - np.where(m == -np.inf, 0, m))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-3)
