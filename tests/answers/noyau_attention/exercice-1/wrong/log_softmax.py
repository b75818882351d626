# misconception: the logarithm of the proportions is returned
# fails: test_example, test_any_axis

def softmax_from_scratch(x, axis=-1):
    m = x.max(axis=axis, keepdims=True)
    m = np.where(m == -np.inf, 0, m)
    return x - m - np.log(np.exp(x - m).sum(axis=axis, keepdims=True))
