# misconception: the mask is transposed: each token sees the next one in place of the previous one
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    return np.eye(seq_len) + np.eye(seq_len, k=1)
