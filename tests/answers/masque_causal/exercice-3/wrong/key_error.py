# misconception: an impossible length is no ValueError
# fails: test_error
def create_combined_mask(seq_len, real_len):
    if real_len > seq_len or real_len < 0:
        raise KeyError("hors bornes")
    i = torch.arange(seq_len)
    return (i[None, :] <= i[:, None]) & (i[:, None] < real_len)
