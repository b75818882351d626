# misconception: the rows are made to sum to 1, as weights do
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    masque = np.eye(seq_len) + np.eye(seq_len, k=-1)
    return masque / masque.sum(axis=1, keepdims=True)
