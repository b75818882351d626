# misconception: more sinks than tokens raise an error
# fails: test_extremes
def create_sink_window_mask(seq_len, window_size, n_sinks):
    mask = np.tri(seq_len) - np.tri(seq_len, k=-window_size)
    for j in range(n_sinks):
        mask[j:, j] = 1
    return mask
