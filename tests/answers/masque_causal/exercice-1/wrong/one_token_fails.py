# misconception: there is thought to be always a previous token: a single token is an error
# fails: test_shape, test_any_length
def create_local_mask(seq_len):
    masque = np.eye(seq_len)
    masque[1, 0] = 1
    for i in range(2, seq_len):
        masque[i, i - 1] = 1
    return masque
