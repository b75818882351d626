# style: unflatten, swapaxes, flatten
def split_heads(x, n_heads):
    d_head, remainder = divmod(x.size(-1), n_heads)
    if remainder:
        raise ValueError(f"reste {remainder}")
    return x.unflatten(-1, (n_heads, d_head)).swapaxes(1, 2)


def merge_heads(x):
    return x.swapaxes(1, 2).flatten(start_dim=2)
