# style: the column, less the amount of padding
def position_ids_of(real):
    padding = (real == 0).sum(dim=1, keepdim=True)
    return (torch.arange(real.shape[1]) - padding).clamp(min=0)


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    column = torch.arange(n)
    query = torch.arange(n - n_new, n)
    return (column <= query[:, None]) & (real[:, None, :] != 0)
