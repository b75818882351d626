# style: one slice per row, its start bounded by 0
def create_sliding_window_mask(seq_len, window_size):
    masque = np.zeros((seq_len, seq_len), dtype=np.uint8)
    for i in range(seq_len):
        debut = i - window_size + 1
        if debut < 0:
            debut = 0
        masque[i, debut : i + 1] = 1
    return masque
