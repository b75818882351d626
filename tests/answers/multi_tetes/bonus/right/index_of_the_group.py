# style: each query head looks its key head up
def expand_kv_heads(x, n_heads):
    n_kv = x.shape[1]
    if n_heads % n_kv != 0:
        raise ValueError("division impossible")
    return x[:, torch.arange(n_heads) // (n_heads // n_kv)]
