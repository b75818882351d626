# misconception: mask[-0:] is thought to be empty, and is everything: no padding blanks the mask
# fails: test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    remplissage = seq_len - real_len
    masque[-remplissage:] = 0
    masque[:, -remplissage:] = 0
    return masque
