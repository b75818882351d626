# misconception: the digits are text
# fails: test_example, test_any_length
def create_local_mask(seq_len):
    return np.array([["1" if i - j in (0, 1) else "0" for j in range(seq_len)] for i in range(seq_len)])
