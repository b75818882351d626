# style: a band in PyTorch, floats
def create_sliding_window_mask(seq_len, window_size):
    return torch.ones(seq_len, seq_len).tril().triu(diagonal=-(window_size - 1))
