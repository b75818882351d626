# misconception: the mask has the shape of the scores
# fails: test_any_mask

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        mask = np.asarray(mask) == 0
        if mask.ndim == 2:
            scores[..., mask] = -np.inf
        else:
            scores[mask] = -np.inf
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
