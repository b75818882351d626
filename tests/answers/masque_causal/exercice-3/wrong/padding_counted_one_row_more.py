# misconception: real_len is read as the number of padding tokens, and the loop goes one row too far
# fails: test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len > seq_len or real_len < 0:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.zeros(seq_len, seq_len)
    for i in range(seq_len - real_len + 1):
        masque[i, : i + 1] = 1
    return masque
