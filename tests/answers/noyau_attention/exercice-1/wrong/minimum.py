# misconception: subtracting the minimum is as stable as the maximum
# fails: test_each_slice_is_stable, test_blocked_scores

def softmax_from_scratch(x, axis=-1):
    e = np.exp(x - x.min(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
