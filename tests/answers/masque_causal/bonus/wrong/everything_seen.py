# misconception: a mask of ones alone
# fails: test_window_of_three, test_window_of_one, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    return np.ones((seq_len, seq_len))
