# style: a recursion on the dimensions

def softmax_from_scratch(x, axis=-1):
    axis = axis % x.ndim
    if axis != x.ndim - 1:
        return softmax_from_scratch(x.swapaxes(axis, -1)).swapaxes(axis, -1)
    if x.ndim > 1:
        return np.stack([softmax_from_scratch(row) for row in x])
    top = max(x.tolist())
    if top == -math.inf:
        return np.zeros(x.shape)
    e = [math.exp(value - top) for value in x.tolist()]
    return np.array(e) / math.fsum(e)
