# misconception: -1e9 is as good as minus infinity
# fails: test_blocked_row, test_blocked_rows

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask != 0, scores, -1e9)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
