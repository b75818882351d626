# misconception: a reduced array always broadcasts back
# fails: test_axis, test_any_axis

def softmax_from_scratch(x, axis=-1):
    m = x.max(axis=axis)
    e = np.exp(x - m)
    return e / e.sum(axis=axis)
