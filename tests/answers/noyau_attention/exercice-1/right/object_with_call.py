# style: an object that is called

class Softmax:
    def __call__(self, x, axis=-1):
        moved = np.moveaxis(np.array(x, dtype=np.longdouble), axis, 0)
        largest = moved.max(axis=0)
        with np.errstate(invalid="ignore"):
            shifted = np.where(np.isneginf(moved), -np.inf, moved - np.where(np.isneginf(largest), 0, largest))
        e = np.exp(shifted)
        total = e.sum(axis=0)
        return np.moveaxis(np.divide(e, total, out=np.zeros_like(e), where=total != 0), 0, axis)


softmax_from_scratch = Softmax()
