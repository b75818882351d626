# style: columns of padding filled
def position_ids_of(real):
    counts = torch.cumsum(real.to(torch.int64), dim=-1)
    return torch.where(real.bool(), counts - 1, torch.zeros_like(counts))


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    mask = create_causal_mask(n)[n - n_new :].repeat(real.shape[0], 1, 1)
    return mask.masked_fill((real == 0)[:, None, :], 0)
