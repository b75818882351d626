# misconception: the width is counted between two bounds, both excluded
# fails: test_window_of_three, test_window_of_one, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    distance = np.arange(seq_len)[:, None] - np.arange(seq_len)
    return (distance >= 0) & (distance < window_size - 1)
