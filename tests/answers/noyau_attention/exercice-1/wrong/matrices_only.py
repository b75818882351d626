# misconception: x always has two dimensions, one row a query
# fails: test_example, test_any_axis

def softmax_from_scratch(x, axis=-1):
    result = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            result[i, j] = np.exp(x[i, j] - x[i].max()) / np.exp(x[i] - x[i].max()).sum()
    return result
