# misconception: window ignored
# fails: test_example, test_no_sink, test_any_window
def create_sink_window_mask(seq_len, window_size, n_sinks):
    return np.tri(seq_len, dtype=int)
