# style: two loops and a condition
def create_sliding_window_mask(seq_len, window_size):
    masque = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        for j in range(seq_len):
            if j <= i and i - j < window_size:
                masque[i][j] = 1
    return masque
