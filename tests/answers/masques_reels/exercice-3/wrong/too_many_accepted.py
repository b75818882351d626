# misconception: more new tokens than columns accepted
# fails: test_error, test_all_errors
def position_ids_of(real):
    positions = real.long().cumsum(dim=1) - 1
    return positions.masked_fill(positions < 0, 0)


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1:
        raise ValueError("n_new impossible")
    return create_causal_mask(n).bool()[max(n - n_new, 0) :] & real.bool()[:, None, :]
