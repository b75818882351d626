# misconception: window for later tokens only
# fails: test_example, test_no_sink, test_wide_window, test_any_window, test_extremes
def create_sink_window_mask(seq_len, window_size, n_sinks):
    i, j = np.arange(seq_len)[:, None], np.arange(seq_len)
    return (j <= i) & ((j < n_sinks) | ((i - j < window_size) & (i > n_sinks)))
