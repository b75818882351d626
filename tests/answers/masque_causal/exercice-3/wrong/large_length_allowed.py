# misconception: only a negative real_len is checked
# fails: test_error, test_all_errors
def create_combined_mask(seq_len, real_len):
    if real_len < 0:
        raise ValueError("real_len est négatif")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    masque[real_len:] = 0
    return masque
