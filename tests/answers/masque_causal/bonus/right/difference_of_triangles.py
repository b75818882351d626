# style: a triangle less the distant past
def create_sliding_window_mask(seq_len, window_size):
    return np.tri(seq_len) - np.tri(seq_len, k=-window_size)
