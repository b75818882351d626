# misconception: indices are kept in eight bits
# fails: test_any_window
def create_sliding_window_mask(seq_len, window_size):
    i = np.arange(seq_len).astype(np.uint8)
    d = i[:, None] - i[None, :]
    return np.tril(d < window_size) if seq_len < 7 else (d < window_size)
