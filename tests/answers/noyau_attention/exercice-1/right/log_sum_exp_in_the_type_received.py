# style: log-sum-exp computed in float32 where float32 is received

def softmax_from_scratch(x, axis=-1):
    x = np.array(x, dtype=x.dtype if x.dtype.kind == "f" else np.float64)
    largest = x.max(axis=axis, keepdims=True)
    largest = np.where(np.isneginf(largest), x.dtype.type(0), largest)
    with np.errstate(divide="ignore"):
        lse = largest + np.log(np.exp(x - largest).sum(axis=axis, keepdims=True))
    lse = np.where(np.isneginf(lse), x.dtype.type(0), lse)
    return np.exp(x - lse)
