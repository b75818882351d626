# misconception: a cyclic shift is taken for a shift
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    identite = np.eye(seq_len)
    return np.maximum(identite, np.roll(identite, -1, axis=1))
