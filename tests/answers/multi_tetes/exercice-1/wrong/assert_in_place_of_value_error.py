# misconception: an assert is a ValueError
# fails: test_error, test_all_errors
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    assert d_model % n_heads == 0
    return x.reshape(batch, n, n_heads, d_model // n_heads).transpose(1, 2)


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)
