# style: repeat_interleave
def expand_kv_heads(x, n_heads):
    if n_heads % x.shape[1]:
        raise ValueError("division impossible")
    return x.repeat_interleave(n_heads // x.shape[1], dim=1)
