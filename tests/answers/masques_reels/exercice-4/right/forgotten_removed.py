# style: what is forgotten taken away from the causal mask
def create_sink_window_mask(seq_len, window_size, n_sinks):
    mask = np.tri(seq_len, dtype=bool)
    forgotten = np.tri(seq_len, k=-window_size, dtype=bool)
    forgotten[:, :n_sinks] = False
    return mask & ~forgotten
