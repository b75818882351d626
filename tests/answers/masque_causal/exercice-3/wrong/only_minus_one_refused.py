# misconception: -1 is thought to be the only negative length
# fails: test_all_errors
def create_combined_mask(seq_len, real_len):
    if real_len == -1 or real_len > seq_len:
        raise ValueError("real_len impossible")
    i = torch.arange(seq_len)[:, None]
    return (torch.arange(seq_len) <= i) & (i < real_len)
