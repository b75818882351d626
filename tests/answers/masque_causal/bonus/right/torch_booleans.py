# style: booleans in PyTorch, from the course's mask
def create_sliding_window_mask(seq_len, window_size):
    recent = torch.triu(torch.ones(seq_len, seq_len, dtype=torch.bool), 1 - window_size)
    return create_causal_mask(seq_len).bool() & recent
