# misconception: real_len is read as the number of padding tokens
# fails: test_example, test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    masque[seq_len - real_len :] = 0
    return masque
