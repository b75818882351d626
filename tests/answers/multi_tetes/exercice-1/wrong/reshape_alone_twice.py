# misconception: two bare reshapes undo each other, so they must be right
# fails: test_split_example, test_merge_example, test_split_any_shape, test_merge_any_shape
def split_heads(x, n_heads):
    if x.shape[-1] % n_heads != 0:
        raise ValueError("non")
    return x.reshape(x.shape[0], n_heads, x.shape[1], -1)


def merge_heads(x):
    return x.reshape(x.shape[0], x.shape[2], -1)
