# misconception: the diagonal is for the first row
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    mask = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        mask[i, max(i - 1, 0)] = 1
    return mask
