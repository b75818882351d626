# misconception: head h takes every n_heads-th column
# fails: test_split_example, test_merge_example, test_split_any_shape, test_merge_any_shape, test_gradients_flow
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("non")
    return x.reshape(batch, n, d_model // n_heads, n_heads).permute(0, 3, 1, 2)


def merge_heads(x):
    return x.permute(0, 2, 3, 1).flatten(2)
