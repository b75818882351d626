# style: outer product, reshaped
def create_alibi_bias(n_new, n_past, slopes):
    distance = torch.arange(n_past, n_past + n_new)[:, None] - torch.arange(n_past + n_new)
    bias = torch.outer(slopes, -distance.flatten().float()).reshape(len(slopes), *distance.shape)
    return bias + torch.where(distance < 0, -torch.inf, 0.0)
