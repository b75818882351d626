# misconception: the array received may be used as scratch space
# fails: test_input_is_left_alone

def softmax_from_scratch(x, axis=-1):
    m = x.max(axis=axis, keepdims=True)
    m = np.where(m == -np.inf, 0, m)
    if x.dtype.kind != "f":
        x = x.astype(float)
    x -= m
    np.exp(x, out=x)
    s = x.sum(axis=axis, keepdims=True)
    return x / np.where(s == 0, 1, s)
