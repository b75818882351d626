# misconception: the neighbour is looked for on both sides
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    i, j = np.indices((seq_len, seq_len))
    return (abs(i - j) <= 1).astype(int)
