# style: the matrix of distances against two bounds, booleans
def create_sliding_window_mask(seq_len, window_size):
    distance = np.arange(seq_len)[:, None] - np.arange(seq_len)
    return (distance >= 0) & (distance < window_size)
