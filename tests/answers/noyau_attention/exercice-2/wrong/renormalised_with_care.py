# misconception: renormalising is exact, once 0/0 is taken care of
# fails: test_no_leak, test_very_large_scores

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores
    weights = softmax_from_scratch(scores)
    if mask is not None:
        weights = weights * mask
        total = weights.sum(axis=-1, keepdims=True)
        weights = weights / np.where(total == 0, 1, total)
    return weights @ V, weights
