# misconception: the sentence is cut into blocks of the width
# fails: test_window_of_three, test_window_of_two, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    i, j = np.indices((seq_len, seq_len))
    return ((j <= i) & (i // window_size == j // window_size)).astype(int)
