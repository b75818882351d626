# misconception: the batch has one example
# fails: test_split_any_shape, test_inverse
def split_heads(x, n_heads):
    _, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("non")
    return x[0].reshape(n, n_heads, d_model // n_heads).transpose(0, 1).unsqueeze(0)


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)
