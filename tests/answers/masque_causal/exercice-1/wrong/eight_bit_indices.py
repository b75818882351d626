# misconception: indices are held in eight bits, and start again at 256
# fails: test_any_length
def create_local_mask(seq_len):
    i = np.arange(seq_len).astype(np.uint8)
    ecart = i[:, None] - i[None, :]
    return (ecart <= 1).astype(int)
