# style: a dimension for the group, expanded, then flattened
def expand_kv_heads(x, n_heads):
    batch, n_kv, n, d = x.shape
    if n_heads % n_kv != 0:
        raise ValueError("division impossible")
    return x[:, :, None].expand(batch, n_kv, n_heads // n_kv, n, d).flatten(1, 2)
