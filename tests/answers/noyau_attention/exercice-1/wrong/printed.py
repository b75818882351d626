# misconception: showing the result is returning it
# fails: test_example, test_axis

def softmax_from_scratch(x, axis=-1):
    m = x.max(axis=axis, keepdims=True)
    e = np.exp(x - m)
    print(e / e.sum(axis=axis, keepdims=True))
