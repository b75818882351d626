# misconception: a row that sees nothing sees everything
# fails: test_blocked_row, test_blocked_rows

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        visible = np.broadcast_to(mask, scores.shape) != 0
        visible = visible | ~visible.any(axis=-1, keepdims=True)
        scores = np.where(visible, scores, -np.inf)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
