# misconception: the last real token is thought to be padding
# fails: test_example, test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    i = torch.arange(seq_len)[:, None]
    j = torch.arange(seq_len)
    return (j <= i) & (i < real_len - 1) & (j < real_len - 1)
