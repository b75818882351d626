# misconception: a sentence without padding is thought to be an error
# fails: test_bounds, test_all_errors
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len < seq_len:
        raise ValueError("real_len doit être plus petit que seq_len")
    masque = torch.zeros(seq_len, seq_len)
    masque[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return masque
