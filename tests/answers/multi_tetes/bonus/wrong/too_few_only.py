# misconception: only too few heads are impossible
# fails: test_all_errors
def expand_kv_heads(x, n_heads):
    if n_heads < x.shape[1] or n_heads % x.shape[1] == 1:
        raise ValueError("x")
    b, kv, n, d = x.shape
    g = n_heads // kv
    return x.repeat_interleave(g, dim=1)
