# misconception: the causal mask is returned: the whole past is seen
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    return np.tril(np.ones((seq_len, seq_len)))
