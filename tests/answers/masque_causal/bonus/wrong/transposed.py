# misconception: the window looks at the tokens to come
# fails: test_window_of_three, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    i, j = np.indices((seq_len, seq_len))
    return ((j - i >= 0) & (j - i < window_size)).astype(int)
