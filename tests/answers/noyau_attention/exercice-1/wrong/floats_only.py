# misconception: the input is always floating point (in-place division of integers)
# fails: test_input_is_left_alone

def softmax_from_scratch(x, axis=-1):
    m = x.max(axis=axis, keepdims=True)
    y = x.copy()
    y -= np.where(m == -np.inf, 0, m)
    y[...] = np.exp(y)
    s = y.sum(axis=axis, keepdims=True)
    return y / np.where(s == 0, 1, s)
