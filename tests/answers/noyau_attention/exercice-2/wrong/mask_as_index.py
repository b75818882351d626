# misconception: the mask indexes the scores, whose shape it must have
# fails: test_any_mask
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores[mask == 0] = -np.inf
    w = softmax_from_scratch(scores)
    return w @ V, w
