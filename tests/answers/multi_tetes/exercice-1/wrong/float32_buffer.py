# misconception: numbers pass through float32
# fails: test_split_any_shape
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("n_heads doit diviser d_model")
    d_head = d_model // n_heads
    res = torch.zeros(batch, n_heads, n, d_head)
    for h in range(n_heads):
        res[:, h] = x[..., h * d_head : (h + 1) * d_head]
    return res


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)
