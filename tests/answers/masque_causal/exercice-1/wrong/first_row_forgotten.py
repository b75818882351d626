# misconception: the loop starts at 1 to avoid the first token, which then sees nothing
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len))
    for i in range(1, seq_len):
        masque[i, i - 1 : i + 1] = 1
    return masque
