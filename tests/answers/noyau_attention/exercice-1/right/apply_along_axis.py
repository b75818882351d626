# style: one slice at a time with np.apply_along_axis

def softmax_from_scratch(x, axis=-1):
    def tranche(v):
        v = v.astype(float)
        if np.all(v == -np.inf):
            return np.zeros(v.shape)
        e = np.exp(v - v.max())
        return e / e.sum()

    return np.apply_along_axis(tranche, axis, x)
