# style: loops over heads and columns
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("division impossible")
    d_head = d_model // n_heads
    heads = torch.zeros(batch, n_heads, n, d_head, dtype=x.dtype)
    for h in range(n_heads):
        for c in range(d_head):
            heads[:, h, :, c] = x[:, :, h * d_head + c]
    return heads


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    merged = torch.zeros(batch, n, n_heads * d_head, dtype=x.dtype)
    for h in range(n_heads):
        merged[:, :, h * d_head : (h + 1) * d_head] = x[:, h]
    return merged
