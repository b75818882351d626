# style: one shifted identity for each distance
def create_sliding_window_mask(seq_len, window_size):
    return sum(np.eye(seq_len, k=-distance) for distance in range(window_size))
