# misconception: a prefix of 0 refused
# fails: test_any_prefix, test_any_targets, test_all_errors
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 1 or lengths.max() > seq_len:
        raise ValueError("préfixe impossible")
    prefix = torch.arange(seq_len) < lengths[:, None]
    return prefix[:, None, :] | create_causal_mask(seq_len).bool()


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 1 or lengths.max() > seq_len:
        raise ValueError("préfixe impossible")
    return torch.arange(seq_len) + 1 >= lengths[:, None]
