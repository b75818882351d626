# style: einsum with zeros and ones that pick the columns
def selection(n_heads, d_head, dtype):
    return torch.eye(n_heads * d_head, dtype=dtype).reshape(n_heads * d_head, n_heads, d_head)


def split_heads(x, n_heads):
    d_model = x.shape[-1]
    if d_model % n_heads != 0:
        raise ValueError("n_heads ne divise pas d_model")
    return torch.einsum("bnc,chd->bhnd", x, selection(n_heads, d_model // n_heads, x.dtype))


def merge_heads(x):
    return torch.einsum("bhnd,chd->bnc", x, selection(x.shape[1], x.shape[3], x.dtype))
