# misconception: the width is ignored: the causal mask is returned
# fails: test_window_of_three, test_window_of_one, test_window_of_two, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    return np.tri(seq_len)
