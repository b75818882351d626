# misconception: a mask (heads, n_q, n_k) is read as one an example
# fails: test_any_mask
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        mask = np.asarray(mask)
        if mask.ndim == 3 and Q.ndim == 4 and mask.shape[0] in (1, Q.shape[0]):
            mask = mask[:, None]
        scores = np.where(mask, scores, -np.inf)
    w = softmax_from_scratch(scores)
    return w @ V, w
