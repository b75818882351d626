# misconception: numbers pass through integers
# fails: test_any_group
def expand_kv_heads(x, n_heads):
    if n_heads % x.shape[1] != 0:
        raise ValueError("n_kv_heads doit diviser n_heads")
    b, kv, n, d = x.shape
    g = n_heads // kv
    y = torch.zeros(b, n_heads, n, d, dtype=torch.long)
    for h in range(n_heads):
        y[:, h] = x[:, h // g]
    return y
