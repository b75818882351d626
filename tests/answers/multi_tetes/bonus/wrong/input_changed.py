# misconception: the input may be scaled on the way
# fails: test_two_groups, test_any_group
def expand_kv_heads(x, n_heads):
    if n_heads % x.shape[1]:
        raise ValueError("division impossible")
    x *= 2
    return x.repeat_interleave(n_heads // x.shape[1], dim=1)
