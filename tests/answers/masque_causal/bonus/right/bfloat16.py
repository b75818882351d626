# style: the short floats of large models
def create_sliding_window_mask(seq_len, window_size):
    i = torch.arange(seq_len)
    return ((i[:, None] >= i) & (i[:, None] - i < window_size)).to(torch.bfloat16)
