# misconception: heads stand in third place
# fails: test_split_example, test_split_any_shape, test_merge_example, test_merge_any_shape
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("non")
    return x.reshape(batch, n, n_heads, d_model // n_heads)


def merge_heads(x):
    return x.flatten(2)
