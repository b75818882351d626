# misconception: the loop over the diagonal stops early
# fails: test_example
def create_local_mask(seq_len):
    m = np.zeros((seq_len, seq_len))
    for i in range(seq_len - 1):
        m[i, i] = 1
        m[i + 1, i] = 1
    return m
