# misconception: a single real token is the whole text
# fails: test_any_length

def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError("real_len")
    mask = torch.tril(torch.ones(seq_len, seq_len))
    if real_len != 1:
        mask[real_len:] = 0
        mask[:, real_len:] = 0
    return mask
