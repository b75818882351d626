# misconception: only the first eight rows are filled
# fails: test_any_length
def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len))
    for i in range(min(seq_len, 8)):
        masque[i, max(i - 1, 0) : i + 1] = 1
    return masque
