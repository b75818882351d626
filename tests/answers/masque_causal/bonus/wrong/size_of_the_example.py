# misconception: the mask is always made for five tokens
# fails: test_window_of_one, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    return np.tri(5) - np.tri(5, k=-window_size)
