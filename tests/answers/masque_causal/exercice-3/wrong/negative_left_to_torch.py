# misconception: a negative length is left to torch, which raises another error
# fails: test_all_errors
def create_combined_mask(seq_len, real_len):
    if real_len > seq_len:
        raise ValueError("real_len dépasse seq_len")
    masque = torch.zeros(seq_len, seq_len)
    masque[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return masque
