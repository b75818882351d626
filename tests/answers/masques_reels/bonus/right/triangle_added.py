# style: a triangle of minus infinity added
def create_alibi_bias(n_new, n_past, slopes):
    shape = (n_new, n_past + n_new)
    distance = (n_past + torch.arange(n_new)[:, None] - torch.arange(n_past + n_new)).clamp(min=0)
    future = torch.full(shape, -torch.inf).triu(n_past + 1)
    return future - distance * slopes[:, None, None]
