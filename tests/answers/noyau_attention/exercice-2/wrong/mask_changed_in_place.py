# misconception: the mask is changed in place
# fails: test_inputs_are_left_alone
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        if mask.dtype.kind != "f":
            mask = mask.astype(float)
        mask[mask == 0] = -np.inf
        mask[mask == 1] = 0
        scores = scores + mask
    w = softmax_from_scratch(scores)
    return w @ V, w
