# style: two diagonals of ones
def create_local_mask(seq_len):
    return np.diag(np.ones(seq_len)) + np.diag(np.ones(seq_len - 1), k=-1)
