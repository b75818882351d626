# style: einsum of slopes and distances
def create_alibi_bias(n_new, n_past, slopes):
    distance = torch.arange(n_past, n_past + n_new)[:, None] - torch.arange(n_past + n_new)
    bias = torch.einsum("h,qk->hqk", slopes.double(), -distance.double())
    return bias.masked_fill(distance < 0, -torch.inf)
