# misconception: possible lengths are refused and impossible ones allowed
# fails: test_example, test_error, test_any_length, test_bounds, test_all_errors
def create_combined_mask(seq_len, real_len):
    if 0 <= real_len <= seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    i = torch.arange(seq_len)
    return (i[None, :] <= i[:, None]) & (i[:, None] < real_len)
