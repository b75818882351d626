# misconception: dividing by the sum again repairs a mask set after the softmax
# fails: test_blocked_row, test_no_leak, test_blocked_rows

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores
    weights = softmax_from_scratch(scores)
    if mask is not None:
        weights = weights * mask
        weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ V, weights
