# misconception: indices on eight bits
# fails: test_any_window
def create_sink_window_mask(seq_len, window_size, n_sinks):
    j = torch.arange(seq_len).to(torch.uint8).int()
    distance = j[:, None] - j
    return (distance >= 0) & ((distance < window_size) | (j < n_sinks))
