# style: two loops and a condition, floats
def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        for j in range(seq_len):
            if j == i or j == i - 1:
                masque[i, j] = 1
    return masque
