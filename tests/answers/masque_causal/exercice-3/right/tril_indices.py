# style: the coordinates of the visible pairs
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.zeros(seq_len, seq_len, dtype=torch.bool)
    i, j = torch.tril_indices(real_len, real_len)
    masque[i, j] = True
    return masque
