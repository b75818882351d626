# misconception: scores are divided by their sum
# fails: test_example, test_axis, test_large_scores, test_blocked_slice, test_any_axis, test_each_slice_is_stable, test_blocked_scores, test_input_is_left_alone
def softmax_from_scratch(x, axis=-1):
    shifted = x - x.min(axis=axis, keepdims=True)
    return shifted / shifted.sum(axis=axis, keepdims=True)
