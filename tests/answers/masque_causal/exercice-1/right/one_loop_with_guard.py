# style: one loop; the first token has no previous one
def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len), dtype=np.int8)
    for i in range(seq_len):
        masque[i, i] = 1
        if i > 0:
            masque[i, i - 1] = 1
    return masque
