# misconception: n_heads must divide n_kv_heads
# fails: test_two_groups, test_any_group
def expand_kv_heads(x, n_heads):
    n_kv = x.shape[1]
    if n_kv % n_heads != 0:
        raise ValueError("division impossible")
    return x.repeat_interleave(n_heads // n_kv, dim=1)
