# misconception: mask[0, -1] is thought to be ignored, and is the last column
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len), dtype=int)
    for i in range(seq_len):
        masque[i, i] = 1
        masque[i, i - 1] = 1
    return masque
