# style: one slice per row, its start bounded by 0
def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        masque[i, max(0, i - 1) : i + 1] = True
    return masque
