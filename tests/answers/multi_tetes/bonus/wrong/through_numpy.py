# misconception: NumPy's result is as good as a tensor
# fails: test_two_groups, test_any_group
def expand_kv_heads(x, n_heads):
    if n_heads % x.shape[1]:
        raise ValueError("n_kv_heads doit diviser n_heads")
    return np.repeat(x.numpy(), n_heads // x.shape[1], axis=1)
