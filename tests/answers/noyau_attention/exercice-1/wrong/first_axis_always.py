# misconception: columns are what sums to one
# fails: test_axis, test_blocked_slice, test_any_axis, test_each_slice_is_stable, test_blocked_scores, test_input_is_left_alone
def softmax_from_scratch(x, axis=-1):
    largest = x.max(axis=0, keepdims=True)
    e = np.exp(x - np.where(largest == -np.inf, 0, largest))
    total = e.sum(axis=0, keepdims=True)
    return e / np.where(total == 0, 1, total)
