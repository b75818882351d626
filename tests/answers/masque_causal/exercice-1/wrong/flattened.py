# misconception: the reshape is forgotten
# fails: test_example, test_shape, test_any_length
def create_local_mask(seq_len):
    plat = np.zeros(seq_len * seq_len)
    plat[:: seq_len + 1] = 1
    plat[seq_len :: seq_len + 1] = 1
    return plat
