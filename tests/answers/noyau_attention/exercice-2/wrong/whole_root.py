# misconception: the root of d_k is rounded down
# fails: test_any_shape
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / int(math.sqrt(Q.shape[-1]))
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    w = softmax_from_scratch(scores)
    return w @ V, w
