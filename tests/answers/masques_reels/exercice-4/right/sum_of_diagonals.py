# style: diagonals added up, then sinks
def create_sink_window_mask(seq_len, window_size, n_sinks):
    mask = sum(np.eye(seq_len, k=-shift) for shift in range(min(window_size, seq_len)))
    for j in range(min(n_sinks, seq_len)):
        mask[j:, j] = 1
    return mask
