# misconception: real combined with a bitwise and
# fails: test_types
def position_ids_of(real):
    positions = real.long().cumsum(dim=1) - 1
    return positions.masked_fill(positions < 0, 0)


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    return create_causal_mask(n).to(real.dtype)[n - n_new :] & real[:, None, :]
