# style: permute with all four dimensions named
def split_heads(x, n_heads):
    batch, n, d_model = x.size()
    d_head = d_model // n_heads
    if d_head * n_heads != d_model:
        raise ValueError("n_heads ne divise pas d_model")
    return x.reshape(batch, n, n_heads, d_head).permute(0, 2, 1, 3)


def merge_heads(x):
    batch, n_heads, n, d_head = x.size()
    return x.permute(0, 2, 1, 3).reshape(batch, n, -1)
