# style: plain Python loops over the slices, with math.exp

import math


def softmax_from_scratch(x, axis=-1):
    moved = np.moveaxis(x, axis, -1)
    flat = moved.reshape(-1, moved.shape[-1])
    result = np.zeros(flat.shape)
    for i in range(flat.shape[0]):
        m = max(flat[i])
        if m == -math.inf:
            continue
        total = 0.0
        for j in range(flat.shape[1]):
            result[i, j] = math.exp(flat[i, j] - m)
            total += result[i, j]
        result[i] /= total
    return np.moveaxis(result.reshape(moved.shape), -1, axis)
