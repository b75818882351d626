# misconception: a window wider than the sentence is thought to be an error
# fails: test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    if not 1 <= window_size <= seq_len:
        raise ValueError("window_size dépasse seq_len")
    return np.tri(seq_len) - np.tri(seq_len, k=-window_size)
