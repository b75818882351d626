# misconception: only a real_len that is too large is checked
# fails: test_all_errors
def create_combined_mask(seq_len, real_len):
    if real_len > seq_len:
        raise ValueError("real_len dépasse seq_len")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    masque[max(real_len, 0) :] = 0
    return masque
