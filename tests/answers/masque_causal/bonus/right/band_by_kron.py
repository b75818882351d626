# style: diagonals added, in float16

def create_sliding_window_mask(seq_len, window_size):
    total = np.zeros((seq_len, seq_len), dtype=np.float16)
    for k in range(min(window_size, seq_len)):
        total += np.diag(np.ones(seq_len - k, dtype=np.float16), k=-k)
    return total
