# misconception: there are two key heads
# fails: test_known_cases, test_any_group
def expand_kv_heads(x, n_heads):
    n_kv = x.shape[1]
    if n_heads % n_kv != 0:
        raise ValueError("division impossible")
    return torch.cat([x[:, :1]] * (n_heads // 2) + [x[:, 1:2]] * (n_heads // 2), dim=1)
