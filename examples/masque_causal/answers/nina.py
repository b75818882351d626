# %% exercice-1-reponse
def create_local_mask(seq_len):
    mask = np.eye(seq_len)
    i = 1
    while i < seq_len:
        mask[i, i - 1] = 1
    return mask


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError("real_len")
    real = (torch.arange(seq_len) < real_len).float()
    return torch.ones(seq_len, seq_len).tril() * torch.outer(real, real)
