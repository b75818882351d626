# style: the mask of n tokens from that of n - 1
def create_local_mask(seq_len):
    if seq_len == 1:
        return np.ones((1, 1), dtype=int)
    masque = np.pad(create_local_mask(seq_len - 1), (0, 1))
    masque[-1, -2:] = 1
    return masque
