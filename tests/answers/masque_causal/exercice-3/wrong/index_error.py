# misconception: another type of error is raised
# fails: test_error, test_all_errors
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise IndexError("real_len doit être compris entre 0 et seq_len")
    masque = torch.zeros(seq_len, seq_len)
    masque[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return masque
