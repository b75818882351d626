# misconception: the root is taken twice
# fails: test_example, test_masked_example, test_blocked_row, test_any_shape, test_any_mask, test_blocked_rows, test_inputs_are_left_alone
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.25
    if mask is not None:
        scores = np.where(mask != 0, scores, -np.inf)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
