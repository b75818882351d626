# misconception: indices are held in eight bits, and start again at 256
# fails: test_any_window
def create_sliding_window_mask(seq_len, window_size):
    i = np.arange(seq_len).astype(np.uint8)
    ecart = i[:, None] - i[None, :]
    return ecart < window_size
