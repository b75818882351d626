# style: steps of the local mask, one less than the width
def create_sliding_window_mask(seq_len, window_size):
    pas = np.linalg.matrix_power(create_local_mask(seq_len).astype(bool), window_size - 1)
    return pas
