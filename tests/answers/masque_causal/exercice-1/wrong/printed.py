# misconception: printing is taken for returning
# fails: test_example, test_shape, test_any_length
def create_local_mask(seq_len):
    masque = np.eye(seq_len) + np.eye(seq_len, k=-1)
    print(masque)
