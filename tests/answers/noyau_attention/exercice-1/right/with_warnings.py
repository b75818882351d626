# style: the same repair, with NumPy warnings left as they come

def softmax_from_scratch(x, axis=-1):
    m = np.amax(x, axis=axis, keepdims=True)
    e = np.exp(x - m)
    res = e / np.sum(e, axis=axis, keepdims=True)
    res[np.isnan(res)] = 0
    return res
