# misconception: Q is divided in place
# fails: test_inputs_are_left_alone

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    if Q.dtype.kind == "f":
        Q /= np.sqrt(Q.shape[-1])
    else:
        Q = Q / np.sqrt(Q.shape[-1])
    scores = Q @ np.swapaxes(K, -1, -2)
    if mask is not None:
        scores = np.where(mask != 0, scores, -np.inf)
    weights = softmax_from_scratch(scores)
    return weights @ V, weights
