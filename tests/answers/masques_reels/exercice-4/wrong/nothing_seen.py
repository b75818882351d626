# misconception: a mask of zeros alone
# fails: test_example, test_no_sink, test_wide_window, test_any_window, test_extremes
def create_sink_window_mask(seq_len, window_size, n_sinks):
    return torch.zeros(seq_len, seq_len)
