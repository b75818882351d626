# misconception: a row and a column are added for the token to come
# fails: test_example, test_shape, test_any_length
def create_local_mask(seq_len):
    n = seq_len + 1
    return np.eye(n) + np.eye(n, k=-1)
