# misconception: subtracting the mean centres the scores, so they cannot overflow
# fails: test_each_slice_is_stable, test_blocked_scores

def softmax_from_scratch(x, axis=-1):
    e = np.exp(x - x.mean(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
