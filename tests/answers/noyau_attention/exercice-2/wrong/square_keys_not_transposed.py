# misconception: keys are transposed only where the shapes ask for it
# fails: test_any_mask
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    if K.shape[-2] != Q.shape[-1]:
        K = np.swapaxes(K, -1, -2)
    scores = Q @ K / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    w = softmax_from_scratch(scores)
    return w @ V, w
