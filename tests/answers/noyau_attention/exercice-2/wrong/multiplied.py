# misconception: a score of 0 is a blocked score
# fails: test_masked_example, test_no_leak

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores * mask
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
