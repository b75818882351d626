# misconception: the number of paths is returned, not whether there is one
# fails: test_window_of_three, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    local = np.eye(seq_len) + np.eye(seq_len, k=-1)
    return np.linalg.matrix_power(local, window_size - 1)
