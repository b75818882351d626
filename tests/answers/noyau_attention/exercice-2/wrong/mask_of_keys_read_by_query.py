# misconception: a mask (n_k,) is read as one value a query
# fails: test_any_mask
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        m = np.asarray(mask)
        if m.ndim == 1 and len(m) == Q.shape[-2]:
            m = m[:, None]
        scores = np.where(m, scores, -np.inf)
    w = softmax_from_scratch(scores)
    return w @ V, w
