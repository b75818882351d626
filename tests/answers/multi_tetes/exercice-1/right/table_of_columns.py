# style: advanced indexing by a table of column numbers
def split_heads(x, n_heads):
    d_model = x.shape[2]
    if d_model % n_heads != 0:
        raise ValueError("n_heads ne divise pas d_model")
    columns = torch.arange(d_model).reshape(n_heads, -1)
    return x[:, :, columns].movedim(2, 1)


def merge_heads(x):
    n_heads, d_head = x.shape[1], x.shape[3]
    column = torch.arange(n_heads * d_head)
    return x[:, column // d_head, :, column % d_head].permute(1, 2, 0)
