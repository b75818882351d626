# style: stacked in a new dimension after the heads
def expand_kv_heads(x, n_heads):
    b, k, n, d = x.shape
    if n_heads / k != n_heads // k:
        raise ValueError("division impossible")
    return torch.stack([x] * (n_heads // k), dim=2).reshape(b, n_heads, n, d)
