# style: difference of triangles, then columns filled
def create_sink_window_mask(seq_len, window_size, n_sinks):
    causal = torch.ones(seq_len, seq_len).tril()
    mask = causal - causal.tril(-window_size)
    mask[:, :n_sinks] = causal[:, :n_sinks]
    return mask
