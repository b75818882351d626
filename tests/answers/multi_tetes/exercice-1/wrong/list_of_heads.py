# misconception: a list of heads is as good as a tensor
# fails: test_split_example, test_split_any_shape
def split_heads(x, n_heads):
    if x.shape[-1] % n_heads != 0:
        raise ValueError("non")
    return list(x.chunk(n_heads, dim=-1))


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)
