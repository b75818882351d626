# misconception: a KeyError is taken for a ValueError
# fails: test_error, test_all_errors
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise KeyError("real_len doit être compris entre 0 et seq_len")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    masque[real_len:] = 0
    return masque
