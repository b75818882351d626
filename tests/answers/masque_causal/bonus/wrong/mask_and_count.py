# misconception: the number of visible positions is returned too
# fails: test_window_of_three, test_window_of_one, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    masque = np.tri(seq_len) - np.tri(seq_len, k=-window_size)
    return masque, masque.sum()
