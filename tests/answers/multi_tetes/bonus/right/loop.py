# style: a list of heads, stacked
def expand_kv_heads(x, n_heads):
    group, rest = divmod(n_heads, x.shape[1])
    if rest:
        raise ValueError("division impossible")
    return torch.stack([x[:, h // group] for h in range(n_heads)], dim=1)
