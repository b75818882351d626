# misconception: the causal rule is forgotten
# fails: test_example, test_no_sink, test_wide_window, test_any_window, test_extremes
def create_sink_window_mask(seq_len, window_size, n_sinks):
    j = torch.arange(seq_len)
    return ((j[:, None] - j).abs() < window_size) | (j < n_sinks)
