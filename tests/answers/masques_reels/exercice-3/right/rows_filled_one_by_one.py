# style: rows sliced and filled
def position_ids_of(real):
    positions = real.long().cumsum(dim=1) - 1
    return positions.masked_fill(positions < 0, 0)


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    mask = torch.zeros(real.shape[0], n_new, n)
    for i in range(n_new):
        last = n - n_new + i + 1
        mask[:, i, :last] = real[:, :last].float()
    return mask
