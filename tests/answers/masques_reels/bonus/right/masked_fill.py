# style: masked_fill on a product
def create_alibi_bias(n_new, n_past, slopes):
    n = n_past + n_new
    distance = torch.arange(n)[:, None] - torch.arange(n)
    bias = -slopes[:, None, None] * distance
    return bias.masked_fill(distance < 0, -torch.inf)[:, n_past:]
