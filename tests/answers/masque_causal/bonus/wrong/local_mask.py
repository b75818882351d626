# misconception: the local mask of exercise 1 is returned
# fails: test_window_of_three, test_window_of_one, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    return create_local_mask(seq_len)
