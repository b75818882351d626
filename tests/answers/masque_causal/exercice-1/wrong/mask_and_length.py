# misconception: the length is returned with the mask
# fails: test_example, test_shape, test_any_length
def create_local_mask(seq_len):
    return np.eye(seq_len) + np.eye(seq_len, k=-1), seq_len
