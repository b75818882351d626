# misconception: every example of the batch has the same mask
# fails: test_any_mask, test_blocked_rows

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        mask = np.asarray(mask)
        while mask.ndim > 2:
            mask = mask[0]
        scores = np.where(mask != 0, scores, -np.inf)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
