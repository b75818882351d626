# misconception: the padding is cut off in place of being masked
# fails: test_example, test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    return torch.tril(torch.ones(real_len, real_len))
