# misconception: merge_heads only ever follows split_heads
# fails: test_merge_any_shape
last = {}


def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("non")
    last["shape"] = (batch, n, d_model)
    return x.reshape(batch, n, n_heads, d_model // n_heads).transpose(1, 2)


def merge_heads(x):
    return x.transpose(1, 2).reshape(last["shape"])
