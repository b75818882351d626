# misconception: rules added up
# fails: test_example, test_wide_window, test_any_window, test_extremes
def create_sink_window_mask(seq_len, window_size, n_sinks):
    i, j = np.indices((seq_len, seq_len))
    return (j <= i) * ((i - j < window_size).astype(int) + (j < n_sinks))
