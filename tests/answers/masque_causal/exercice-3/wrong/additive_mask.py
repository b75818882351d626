# misconception: the mask is the one that is added to scores: 0 and minus infinity
# fails: test_example, test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.full((seq_len, seq_len), float("-inf"))
    masque[:real_len, :real_len] = torch.triu(torch.full((real_len, real_len), float("-inf")), diagonal=1)
    return masque
