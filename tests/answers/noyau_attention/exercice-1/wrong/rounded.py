# misconception: rounding tidies a result
# fails: test_large_scores, test_any_axis, test_each_slice_is_stable, test_blocked_scores, test_input_is_left_alone
def softmax_from_scratch(x, axis=-1):
    largest = x.max(axis=axis, keepdims=True)
    e = np.exp(x - np.where(largest == -np.inf, 0, largest))
    total = e.sum(axis=axis, keepdims=True)
    return np.round(e / np.where(total == 0, 1, total), 3)
