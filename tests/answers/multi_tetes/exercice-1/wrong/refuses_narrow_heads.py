# misconception: a head of one column is no head
# fails: test_split_any_shape, test_inverse
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0 or d_model <= n_heads:
        raise ValueError("non")
    return x.reshape(batch, n, n_heads, d_model // n_heads).transpose(1, 2)


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)
