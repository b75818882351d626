# misconception: the two rules are joined by 'or'
# fails: test_example, test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    reel = torch.arange(seq_len) < real_len
    return torch.ones(seq_len, seq_len).tril().bool() | (reel[:, None] & reel)
