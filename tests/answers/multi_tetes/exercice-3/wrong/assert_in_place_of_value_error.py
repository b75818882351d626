# misconception: an assert is a ValueError
# fails: test_error, test_all_errors
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    assert (lengths >= 0).all() and (lengths <= seq_len).all()
    return (torch.arange(seq_len) < lengths[:, None])[:, None, None, :]


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) & create_causal_mask(seq_len).bool()
