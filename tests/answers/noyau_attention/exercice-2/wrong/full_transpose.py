# misconception: K.T transposes the last two dimensions
# fails: test_batch, test_any_shape

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ K.T / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask != 0, scores, -np.inf)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
