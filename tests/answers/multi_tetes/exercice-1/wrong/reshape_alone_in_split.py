# misconception: reshaping to the right shape is enough to split
# fails: test_split_example, test_split_any_shape, test_inverse
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("non")
    return x.reshape(batch, n_heads, n, d_model // n_heads)


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)
