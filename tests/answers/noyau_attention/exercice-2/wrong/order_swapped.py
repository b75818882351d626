# misconception: the weights come first
# fails: test_example, test_any_shape

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask != 0, scores, -np.inf)
    weights = softmax_from_scratch(scores)
    return weights, weights @ V
