# style: chunk, stack and cat
def split_heads(x, n_heads):
    if x.shape[-1] % n_heads != 0:
        raise ValueError("d_model n'est pas un multiple de n_heads")
    return torch.stack(torch.chunk(x, n_heads, dim=-1), dim=1)


def merge_heads(x):
    return torch.cat([x[:, h] for h in range(x.shape[1])], dim=-1)
