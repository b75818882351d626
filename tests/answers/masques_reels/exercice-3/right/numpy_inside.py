# style: computed with NumPy
def position_ids_of(real):
    values = real.numpy().astype(int)
    return torch.from_numpy(np.maximum(values.cumsum(axis=1) - 1, 0))


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    i, j = np.indices((n_new, n))
    return torch.from_numpy((j <= n - n_new + i) & (real.numpy()[:, None, :] != 0))
