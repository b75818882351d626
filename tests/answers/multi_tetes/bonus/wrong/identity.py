# misconception: nothing needs to be repeated
# fails: test_two_groups, test_any_group
def expand_kv_heads(x, n_heads):
    n_kv = x.shape[1]
    if n_heads % n_kv != 0:
        raise ValueError("division impossible")
    return x
