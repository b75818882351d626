# misconception: booleans of real subtracted from one
# fails: test_types, test_real_unchanged
def position_ids_of(real):
    return (real.cumsum(dim=1) - 1) * (1 - (1 - real))


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    causal = torch.ones(n, n).tril()[-n_new:]
    return causal * real[:, None, :].float()
