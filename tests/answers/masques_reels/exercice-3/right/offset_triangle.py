# style: a triangle shifted by the cache
def position_ids_of(real):
    before = torch.ones(real.shape[1], real.shape[1]).tril(-1)
    return (real.float() @ before.T).long()


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    offset = torch.tril(torch.ones(n_new, n), diagonal=n - n_new).bool()
    return torch.logical_and(offset, real.bool().unsqueeze(1))
