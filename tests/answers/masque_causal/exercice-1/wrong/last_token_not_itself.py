# misconception: the loop fills two rows at a time and stops before the last diagonal cell
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len))
    for i in range(seq_len - 1):
        masque[i, i] = 1
        masque[i + 1, i] = 1
    return masque
