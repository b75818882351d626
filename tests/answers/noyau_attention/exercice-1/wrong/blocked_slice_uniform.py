# misconception: a slice with nothing to see is uniform
# fails: test_blocked_slice, test_blocked_scores

def softmax_from_scratch(x, axis=-1):
    x = np.maximum(x, -1e9)
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
