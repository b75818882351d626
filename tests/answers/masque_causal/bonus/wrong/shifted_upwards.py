# misconception: the diagonal is shifted upwards: the sign of the shift is wrong
# fails: test_window_of_three, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    return torch.ones(seq_len, seq_len).tril().triu(window_size - 1)
