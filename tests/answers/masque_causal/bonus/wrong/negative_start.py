# misconception: a slice that starts below 0 is thought to start at 0
# fails: test_window_of_three, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    masque = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        masque[i, i - window_size + 1 : i + 1] = 1
    return masque
