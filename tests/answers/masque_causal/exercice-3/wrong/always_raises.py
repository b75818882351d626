# misconception: the check is inverted
# fails: test_example, test_any_length, test_bounds, test_all_errors
def create_combined_mask(seq_len, real_len):
    if 0 <= real_len or real_len <= seq_len:
        raise ValueError("real_len impossible")
    masque = torch.zeros(seq_len, seq_len)
    masque[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return masque
