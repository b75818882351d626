# misconception: rows filled from a negative index
# fails: test_no_sink, test_wide_window, test_any_window, test_extremes
def create_sink_window_mask(seq_len, window_size, n_sinks):
    mask = np.zeros((seq_len, seq_len), dtype=int)
    for i in range(seq_len):
        mask[i, i - window_size + 1 : i + 1] = 1
        mask[i, : min(n_sinks, i + 1)] = 1
    return mask
