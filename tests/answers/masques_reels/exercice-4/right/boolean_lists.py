# style: nested comprehension
def create_sink_window_mask(seq_len, window_size, n_sinks):
    return np.array([[j <= i and (j > i - window_size or j < n_sinks) for j in range(seq_len)] for i in range(seq_len)])
