# misconception: an impossible length is no ValueError
# fails: test_all_errors
def create_combined_mask(seq_len, real_len):
    if real_len > seq_len:
        raise ValueError("hors bornes")
    m = torch.zeros(seq_len, seq_len)
    m[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return m
