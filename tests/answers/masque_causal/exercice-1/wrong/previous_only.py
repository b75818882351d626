# misconception: a token does not see itself
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    return np.eye(seq_len, k=-1)
