# misconception: triu alone makes a local mask
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    return np.triu(np.ones((seq_len, seq_len)), k=-1)
