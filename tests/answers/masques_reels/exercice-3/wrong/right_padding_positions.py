# misconception: columns times real, as for padding on the right
# fails: test_positions_example, test_any_positions
def position_ids_of(real):
    return torch.arange(real.shape[1]) * real.long()


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    causal = torch.ones(n, n).tril()[-n_new:]
    return causal * real[:, None, :].float()
