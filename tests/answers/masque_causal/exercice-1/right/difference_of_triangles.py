# style: a triangle less a smaller one
def create_local_mask(seq_len):
    return np.tri(seq_len, dtype=int) - np.tri(seq_len, k=-2, dtype=int)
