# misconception: the previous token is taken modulo 8, the length of the lesson's figures
# fails: test_any_length
def create_local_mask(seq_len):
    masque = np.eye(seq_len)
    for i in range(1, seq_len):
        masque[i, (i - 1) % 8] = 1
    return masque
