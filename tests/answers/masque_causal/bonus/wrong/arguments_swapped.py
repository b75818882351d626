# misconception: the two arguments are swapped
# fails: test_window_of_three, test_window_of_one, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(window_size, seq_len):
    return np.tri(seq_len) - np.tri(seq_len, k=-window_size)
