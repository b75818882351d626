# style: the queries are scaled before the product

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    Q = Q / Q.shape[-1] ** 0.5
    scores = (Q[..., :, None, :] * K[..., None, :, :]).sum(axis=-1)
    if mask is not None:
        scores = np.where(np.greater(mask, 0), scores, float("-inf"))
    A = softmax_from_scratch(scores)
    return (A[..., None] * V[..., None, :, :]).sum(axis=-2), A
