# misconception: an impossible length is no ValueError
# fails: test_error
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise TypeError("real_len hors bornes")
    m = torch.tril(torch.ones(seq_len, seq_len))
    m[real_len:] = 0
    return m
