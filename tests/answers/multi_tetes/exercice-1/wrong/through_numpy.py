# misconception: NumPy does the same thing, gradients included
# fails: test_gradients_flow
def split_heads(x, n_heads):
    batch, n, d_model = x.shape
    if d_model % n_heads != 0:
        raise ValueError("non")
    heads = x.detach().numpy().reshape(batch, n, n_heads, d_model // n_heads).swapaxes(1, 2)
    return torch.tensor(heads)


def merge_heads(x):
    batch, n_heads, n, d_head = x.shape
    return x.transpose(1, 2).reshape(batch, n, n_heads * d_head)
