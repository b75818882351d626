# misconception: padding is hidden from the others, but padding rows still look at real tokens
# fails: test_example, test_any_length
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    masque[:, real_len:] = 0
    return masque
