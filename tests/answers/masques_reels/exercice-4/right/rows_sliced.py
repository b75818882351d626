# style: rows filled by slices
def create_sink_window_mask(seq_len, window_size, n_sinks):
    mask = torch.zeros(seq_len, seq_len, dtype=torch.int64)
    for i in range(seq_len):
        mask[i, max(0, i - window_size + 1) : i + 1] = 1
        mask[i, : min(n_sinks, i + 1)] = 1
    return mask
