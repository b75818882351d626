# misconception: the corner that roll fills is cleared, which is the diagonal of a single token
# fails: test_any_length
def create_local_mask(seq_len):
    masque = np.eye(seq_len) + np.roll(np.eye(seq_len), 1, axis=0)
    masque[0, -1] = 0
    return masque
