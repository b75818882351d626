# style: list comprehensions, one example at a time
def split_heads(x, n_heads):
    width = x.shape[-1]
    if width % n_heads != 0:
        raise ValueError("n_heads ne divise pas d_model")
    step = width // n_heads
    return torch.stack([torch.stack([tokens[:, k : k + step] for k in range(0, width, step)]) for tokens in x])


def merge_heads(x):
    return torch.stack([torch.hstack(list(heads)) for heads in x])
