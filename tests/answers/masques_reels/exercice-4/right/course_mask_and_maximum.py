# style: the course's mask times a maximum
def create_sink_window_mask(seq_len, window_size, n_sinks):
    position = torch.arange(seq_len)
    recent = (position[:, None] - position < window_size).float()
    sinks = (position < n_sinks).float().expand(seq_len, -1)
    return create_causal_mask(seq_len) * torch.maximum(recent, sinks)
