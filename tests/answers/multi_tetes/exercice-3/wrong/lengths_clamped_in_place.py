# misconception: the lengths given can be corrected in place
# fails: test_error, test_all_errors
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths).clamp_(0, seq_len)
    return (torch.arange(seq_len) < lengths[:, None])[:, None, None, :]


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) & create_causal_mask(seq_len).bool()
