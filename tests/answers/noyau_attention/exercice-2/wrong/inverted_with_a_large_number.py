# misconception: 1 stands for blocked, as a large negative number
# fails: test_masked_example, test_blocked_row, test_any_mask, test_no_leak, test_blocked_rows, test_very_large_scores, test_inputs_are_left_alone
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask == 0, scores, -1e9)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
