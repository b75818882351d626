# misconception: 0 and -inf, as they are added to scores
# fails: test_window_of_three, test_window_of_one, test_window_of_two, test_wide_window, test_any_window
def create_sliding_window_mask(seq_len, window_size):
    ecart = torch.arange(seq_len)[:, None] - torch.arange(seq_len)
    return torch.zeros(seq_len, seq_len).masked_fill((ecart < 0) | (ecart >= window_size), -torch.inf)
