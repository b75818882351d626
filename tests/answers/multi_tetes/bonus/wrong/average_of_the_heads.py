# misconception: the group shares the mean of all key heads
# fails: test_two_groups, test_any_group
def expand_kv_heads(x, n_heads):
    n_kv = x.shape[1]
    if n_heads % n_kv != 0:
        raise ValueError("division impossible")
    return x.float().mean(dim=1, keepdim=True).expand(-1, n_heads, -1, -1)
