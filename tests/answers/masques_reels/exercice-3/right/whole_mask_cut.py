# style: the mask of all queries, cut at its last rows
def position_ids_of(real):
    positions = real.long().cumsum(dim=1) - 1
    return positions.masked_fill(positions < 0, 0)


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    whole = create_causal_mask(n).bool() & real.bool()[:, None]
    return whole[:, n - n_new :]
