# misconception: np.squeeze removes the dimensions of a mask of one token
# fails: test_shape
def create_local_mask(seq_len):
    return np.squeeze(np.eye(seq_len) + np.eye(seq_len, k=-1))
