# misconception: the token before is taken two steps back
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    return np.eye(seq_len) + np.eye(seq_len, k=-2)
