# style: slices of an empty tensor
def expand_kv_heads(x, n_heads):
    b, k, n, d = x.shape
    if n_heads % k != 0:
        raise ValueError("division impossible")
    g = n_heads // k
    result = torch.empty(b, n_heads, n, d, dtype=x.dtype)
    for head in range(k):
        result[:, head * g : (head + 1) * g] = x[:, head : head + 1]
    return result
