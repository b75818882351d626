# misconception: ~mask is "not" for integers too
# fails: test_masked_example, test_any_mask

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(~mask, -np.inf, scores)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
