# misconception: only five rows are filled
# fails: test_any_length
def create_local_mask(seq_len):
    exemple = np.array([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]])
    mask = np.zeros((seq_len, seq_len), dtype=int)
    k = min(5, seq_len)
    mask[:k, :k] = exemple[:k, :k]
    return mask
