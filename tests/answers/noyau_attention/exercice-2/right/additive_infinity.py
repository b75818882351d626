# style: a bias of 0 and -inf is added to the scores

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    d_k = Q.shape[-1]
    scores = np.matmul(Q, np.swapaxes(K, -2, -1)) / np.sqrt(d_k)
    if mask is not None:
        bias = np.zeros(np.shape(mask))
        bias[np.asarray(mask) == 0] = -np.inf
        scores = scores + bias
    weights = softmax_from_scratch(scores)
    output = np.matmul(weights, V)
    return output, weights
