# misconception: one maximum is enough for the whole array
# fails: test_each_slice_is_stable

def softmax_from_scratch(x, axis=-1):
    m = x.max()
    m = np.where(m == -np.inf, 0, m)
    e = np.exp(x - m)
    s = e.sum(axis=axis, keepdims=True)
    return e / np.where(s == 0, 1, s)
