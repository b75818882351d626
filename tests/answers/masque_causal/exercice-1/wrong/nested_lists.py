# misconception: a list of lists is taken for an array
# fails: test_shape, test_any_length
def create_local_mask(seq_len):
    return [[1 if i - j in (0, 1) else 0 for j in range(seq_len)] for i in range(seq_len)]
