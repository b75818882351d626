# misconception: exponentials of raw scores never overflow
# fails: test_very_large_scores

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    e = np.exp(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))
    if mask is not None:
        e = e * (mask != 0)
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total == 0, 1, total)
    return weights @ V, weights
