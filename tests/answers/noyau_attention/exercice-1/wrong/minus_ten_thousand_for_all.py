# misconception: a large negative number stands for -inf, in blocked slices too
# fails: test_blocked_slice, test_blocked_scores
def softmax_from_scratch(x, axis=-1):
    x = np.where(x == -np.inf, -1e4, x)
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
