# misconception: the window is one token too wide
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    i, j = np.indices((seq_len, seq_len))
    return ((i - j >= 0) & (i - j <= 2)).astype(int)
