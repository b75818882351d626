# misconception: window and sinks exchanged
# fails: test_example, test_no_sink, test_any_window
def create_sink_window_mask(seq_len, window_size, n_sinks):
    i, j = np.indices((seq_len, seq_len))
    return ((j <= i) & ((i - j < n_sinks) | (j < window_size))).astype(int)
