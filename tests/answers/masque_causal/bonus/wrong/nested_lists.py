# misconception: a list of lists is taken for an array
# fails: test_window_of_three, test_window_of_one, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    return [[1 if 0 <= i - j < window_size else 0 for j in range(seq_len)] for i in range(seq_len)]
