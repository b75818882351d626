# misconception: the example of the statement is returned whatever the length
# fails: test_shape, test_any_length
def create_local_mask(seq_len):
    return np.eye(5) + np.eye(5, k=-1)
