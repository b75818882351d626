# style: one matrix a head, stacked
def create_alibi_bias(n_new, n_past, slopes):
    distance = n_past + torch.arange(n_new).reshape(-1, 1) - torch.arange(n_past + n_new).reshape(1, -1)
    heads = []
    for slope in slopes:
        head = -slope * distance.float()
        head[distance < 0] = -torch.inf
        heads.append(head)
    return torch.stack(heads)
