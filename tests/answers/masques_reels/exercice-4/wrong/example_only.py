# misconception: the example written in
# fails: test_no_sink, test_wide_window, test_any_window, test_extremes
def create_sink_window_mask(seq_len, window_size, n_sinks):
    mask = np.eye(6, dtype=int) + np.eye(6, k=-1, dtype=int)
    mask[:, 0] = 1
    return mask
