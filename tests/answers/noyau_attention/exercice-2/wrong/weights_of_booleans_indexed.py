# misconception: ~mask is the contrary of any mask
# fails: test_masked_example, test_blocked_row, test_any_mask, test_no_leak, test_blocked_rows, test_very_large_scores, test_inputs_are_left_alone
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores[~mask] = -np.inf
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
