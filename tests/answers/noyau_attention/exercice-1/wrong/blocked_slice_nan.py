# misconception: a slice that is all -inf needs no care
# fails: test_blocked_slice, test_blocked_scores

def softmax_from_scratch(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
