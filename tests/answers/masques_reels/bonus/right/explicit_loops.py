# style: loops over cells
def create_alibi_bias(n_new, n_past, slopes):
    bias = torch.full((len(slopes), n_new, n_past + n_new), float("-inf"))
    for h, slope in enumerate(slopes.tolist()):
        for i in range(n_new):
            for j in range(n_past + i + 1):
                bias[h, i, j] = -slope * (n_past + i - j)
    return bias
