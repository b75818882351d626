# misconception: each head receives all the columns
# fails: test_split_example, test_split_any_shape, test_inverse
def split_heads(x, n_heads):
    if x.shape[-1] % n_heads != 0:
        raise ValueError("non")
    return x.unsqueeze(1).repeat(1, n_heads, 1, 1)


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)
