# misconception: merging heads is summing them
# fails: test_merge_example, test_merge_any_shape, test_inverse
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("n_heads doit diviser d_model")
    return x.reshape(batch, n, n_heads, d_model // n_heads).transpose(1, 2)


def merge_heads(x):
    return x.sum(dim=1)
