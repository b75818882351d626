# misconception: the window is centred on the token, and has an odd width
# fails: test_window_of_three, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    i, j = np.indices((seq_len, seq_len))
    return (abs(i - j) <= (window_size - 1) // 2).astype(int)
