# misconception: the mask is always causal, whatever is given
# fails: test_example, test_any_mask

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    scores = np.where(np.tri(*scores.shape[-2:]) == 1, scores, -np.inf)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
