# misconception: only the widths met before are treated; any other is taken for a wide one
# fails: test_any_window
def create_sliding_window_mask(seq_len, window_size):
    if window_size == 1:
        return np.eye(seq_len)
    if window_size == 2:
        return np.eye(seq_len) + np.eye(seq_len, k=-1)
    if window_size == 3:
        return np.eye(seq_len) + np.eye(seq_len, k=-1) + np.eye(seq_len, k=-2)
    return np.tri(seq_len)
