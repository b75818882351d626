# misconception: the case without a real token is written apart, in NumPy
# fails: test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len == 0:
        return np.zeros((seq_len, seq_len))
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.zeros(seq_len, seq_len)
    masque[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return masque
