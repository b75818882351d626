# misconception: torch will complain by itself
# fails: test_error
def expand_kv_heads(x, n_heads):
    return x.repeat_interleave(n_heads // x.shape[1], dim=1)
