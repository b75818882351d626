# misconception: the upper bound is off by one: seq_len + 1 is allowed
# fails: test_error, test_all_errors
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len + 1:
        raise ValueError("real_len impossible")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    masque[real_len:] = 0
    return masque
