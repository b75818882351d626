# misconception: a mask of zeros alone
# fails: test_example, test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError("real_len")
    return torch.zeros(seq_len, seq_len)
