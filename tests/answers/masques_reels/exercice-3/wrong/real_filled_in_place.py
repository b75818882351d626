# misconception: real changed in place
# fails: test_real_unchanged
def position_ids_of(real):
    positions = (real.cumsum(dim=1) - 1).clamp(min=0)
    real.copy_(positions)
    return positions


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    causal = torch.ones(n, n).tril()[-n_new:]
    return causal * real[:, None, :].float()
