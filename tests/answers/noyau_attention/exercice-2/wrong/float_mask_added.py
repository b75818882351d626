# misconception: a mask of floats is added to the scores
# fails: test_any_mask
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        mask = np.asarray(mask)
        if mask.dtype.kind == "f":
            scores = scores + mask  # un masque flottant serait additif, comme dans PyTorch
        else:
            scores = np.where(mask, scores, -np.inf)
    w = softmax_from_scratch(scores)
    return w @ V, w
