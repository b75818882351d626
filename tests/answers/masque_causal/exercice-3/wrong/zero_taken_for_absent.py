# misconception: zero is false for Python: no real token is taken for no padding
# fails: test_bounds
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    if real_len:
        masque[real_len:] = 0
    return masque
