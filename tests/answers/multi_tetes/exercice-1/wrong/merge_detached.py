# misconception: the heads are detached before they are merged
# fails: test_gradients_flow
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("n_heads doit diviser d_model")
    return x.reshape(batch, n, n_heads, d_model // n_heads).transpose(1, 2)


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).detach().reshape(batch, n, n_heads * d_head)
