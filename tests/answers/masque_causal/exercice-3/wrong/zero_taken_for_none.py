# misconception: a length of 0 is taken for none
# fails: test_bounds
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError("real_len hors bornes")
    m = torch.tril(torch.ones(seq_len, seq_len))
    if real_len:
        m[real_len:] = 0
    return m
