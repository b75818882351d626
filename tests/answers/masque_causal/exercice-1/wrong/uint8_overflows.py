# misconception: indices are kept in eight bits
# fails: test_any_length
def create_local_mask(seq_len):
    i = np.arange(seq_len).astype(np.uint8)
    d = i[:, None] - i[None, :]
    return (d <= 1).astype(int)
