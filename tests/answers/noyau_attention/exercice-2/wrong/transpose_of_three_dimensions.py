# misconception: keys are transposed as if there were always three dimensions
# fails: test_any_shape
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    K_t = K.T if K.ndim == 2 else K.swapaxes(1, 2)
    scores = Q @ K_t / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    w = softmax_from_scratch(scores)
    return w @ V, w
