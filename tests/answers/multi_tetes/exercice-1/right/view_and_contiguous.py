# style: view, then contiguous before the second view
def split_heads(x, n_heads):
    b, n, d = x.shape
    if d % n_heads:
        raise ValueError(f"{d} colonnes ne se partagent pas en {n_heads} têtes")
    return x.contiguous().view(b, n, n_heads, d // n_heads).transpose(1, 2).contiguous()


def merge_heads(x):
    b, h, n, d_head = x.shape
    return x.transpose(1, 2).contiguous().view(b, n, h * d_head)
