# misconception: no value of real_len is thought to be impossible
# fails: test_error, test_all_errors
def create_combined_mask(seq_len, real_len):
    i = torch.arange(seq_len)[:, None]
    j = torch.arange(seq_len)
    return (j <= i) & (i < real_len) & (j < real_len)
