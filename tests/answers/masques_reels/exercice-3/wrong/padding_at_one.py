# misconception: padding at one
# fails: test_positions_example, test_any_positions
def position_ids_of(real):
    positions = real.long().cumsum(dim=1) - 1
    return positions.masked_fill(real == 0, 1)


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    causal = torch.ones(n, n).tril()[-n_new:]
    return causal * real[:, None, :].float()
