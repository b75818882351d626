# misconception: (1 - mask) * inf is 0 where the mask is 1
# fails: test_masked_example, test_any_mask

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores - (1 - mask) * np.inf
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
