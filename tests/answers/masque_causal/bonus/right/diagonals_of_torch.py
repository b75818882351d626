# style: one diagonal after another, filled in place
def create_sliding_window_mask(seq_len, window_size):
    masque = torch.zeros(seq_len, seq_len, dtype=torch.int32)
    for distance in range(min(window_size, seq_len)):
        masque.diagonal(-distance).fill_(1)
    return masque
