# style: loops over cells
def create_sink_window_mask(seq_len, window_size, n_sinks):
    mask = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        for j in range(i + 1):
            if i - j < window_size or j < n_sinks:
                mask[i, j] = 1
    return mask
