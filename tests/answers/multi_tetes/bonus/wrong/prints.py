# misconception: printing is returning
# fails: test_two_groups, test_any_group
def expand_kv_heads(x, n_heads):
    if n_heads % x.shape[1]:
        raise ValueError("division impossible")
    print(x.repeat_interleave(n_heads // x.shape[1], dim=1))
