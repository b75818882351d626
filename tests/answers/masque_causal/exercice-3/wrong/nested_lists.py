# misconception: a list of lists is taken for a tensor
# fails: test_example, test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    return [[1 if j <= i < real_len else 0 for j in range(seq_len)] for i in range(seq_len)]
