# style: a band cut by triu, sinks, then tril
def create_sink_window_mask(seq_len, window_size, n_sinks):
    band = np.triu(np.ones((seq_len, seq_len)), k=1 - window_size)
    band[:, :n_sinks] = 1
    return np.tril(band)
