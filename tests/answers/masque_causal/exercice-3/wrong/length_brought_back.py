# misconception: an impossible length is brought back to the nearest possible one
# fails: test_error, test_all_errors
def create_combined_mask(seq_len, real_len):
    real_len = min(max(real_len, 0), seq_len)
    masque = torch.zeros(seq_len, seq_len)
    masque[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return masque
