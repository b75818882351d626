# misconception: the mask is made for five tokens whatever seq_len is
# fails: test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.tril(torch.ones(5, 5))
    masque[real_len:] = 0
    return masque
