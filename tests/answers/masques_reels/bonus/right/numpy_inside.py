# style: computed with NumPy
def create_alibi_bias(n_new, n_past, slopes):
    i, j = np.indices((n_new, n_past + n_new))
    distance = n_past + i - j
    values = np.array(slopes.tolist())
    return torch.tensor(np.where(distance >= 0, -values[:, None, None] * distance, -np.inf))
