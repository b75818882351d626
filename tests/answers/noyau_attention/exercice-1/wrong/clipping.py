# misconception: clipping the scores to ±700 prevents overflow
# fails: test_large_scores, test_each_slice_is_stable

def softmax_from_scratch(x, axis=-1):
    e = np.where(x == -np.inf, 0.0, np.exp(np.clip(x, -700, 700)))
    s = e.sum(axis=axis, keepdims=True)
    return e / np.where(s == 0, 1, s)
