# misconception: a mask is added to scores
# fails: test_window_of_three
def create_sliding_window_mask(seq_len, window_size):
    d = torch.arange(seq_len)[:, None] - torch.arange(seq_len)
    return torch.zeros(seq_len, seq_len).masked_fill((d < 0) | (d >= window_size), -torch.inf)
