# misconception: a sentence without a real token is thought to be an error
# fails: test_bounds
def create_combined_mask(seq_len, real_len):
    if not 0 < real_len <= seq_len:
        raise ValueError("real_len doit être compris entre 1 et seq_len")
    masque = torch.zeros(seq_len, seq_len)
    masque[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return masque
