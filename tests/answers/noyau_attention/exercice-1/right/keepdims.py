# style: whole arrays with keepdims and two np.where

def softmax_from_scratch(x, axis=-1):
    maximum = np.max(x, axis=axis, keepdims=True)
    maximum = np.where(np.isfinite(maximum), maximum, 0.0)
    e = np.exp(x - maximum)
    s = np.sum(e, axis=axis, keepdims=True)
    return np.divide(e, s, out=np.zeros_like(e), where=s > 0)
