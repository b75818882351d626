# style: cumulated sums less one, times real
def position_ids_of(real):
    ones = real.long()
    return (ones.cumsum(-1) - 1) * ones


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    return torch.stack([create_causal_mask(n)[n - n_new :] * row.float() for row in real])
