# misconception: results printed
# fails: test_positions_example, test_decoding_example, test_any_positions, test_any_decoding, test_types
def position_ids_of(real):
    print((real.long().cumsum(dim=1) - 1).clamp(min=0))


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    print(create_causal_mask(n).bool()[n - n_new :] & real.bool()[:, None, :])
