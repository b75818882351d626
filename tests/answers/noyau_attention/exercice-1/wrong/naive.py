# misconception: the formula as it is written does for a computer too
# fails: test_large_scores, test_each_slice_is_stable, test_blocked_slice

def softmax_from_scratch(x, axis=-1):
    e = np.exp(x)
    return e / e.sum(axis=axis, keepdims=True)
