# misconception: a mask of ones alone
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    return np.ones((seq_len, seq_len))
