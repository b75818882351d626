# misconception: 1 means blocked
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    return 1 - (np.eye(seq_len) + np.eye(seq_len, k=-1))
