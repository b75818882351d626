# misconception: weights are set to zero after the softmax
# fails: test_masked_example, test_any_mask, test_no_leak

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores
    weights = softmax_from_scratch(scores)
    if mask is not None:
        weights = weights * mask
    return weights @ V, weights
