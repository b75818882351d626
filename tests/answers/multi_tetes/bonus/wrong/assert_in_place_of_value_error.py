# misconception: an assert is a ValueError
# fails: test_error
def expand_kv_heads(x, n_heads):
    assert n_heads % x.shape[1] == 0
    return x.repeat_interleave(n_heads // x.shape[1], dim=1)
