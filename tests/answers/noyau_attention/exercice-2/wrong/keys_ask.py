# misconception: the keys are the rows of the scores
# fails: test_example, test_masked_example, test_batch, test_blocked_row, test_any_shape, test_any_mask, test_blocked_rows, test_very_large_scores, test_inputs_are_left_alone
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = K @ np.swapaxes(Q, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask != 0, scores, -np.inf)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
