# misconception: the return is indented into the loop
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        masque[i, max(0, i - 1) : i + 1] = 1
        return masque
