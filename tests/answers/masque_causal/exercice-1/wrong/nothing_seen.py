# misconception: a mask of zeros alone
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    return np.zeros((seq_len, seq_len))
