# misconception: np.squeeze removes the dimensions of a mask of one token
# fails: test_any_window
def create_sliding_window_mask(seq_len, window_size):
    return np.squeeze(np.tri(seq_len) - np.tri(seq_len, k=-window_size))
