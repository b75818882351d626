# misconception: without a mask, attention is causal
# fails: test_example, test_batch, test_any_shape, test_any_mask, test_very_large_scores
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is None:
        mask = np.tri(*scores.shape[-2:])
    weights = softmax_from_scratch(np.where(np.asarray(mask) != 0, scores, -np.inf))
    return weights @ V, weights
