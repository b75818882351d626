# misconception: negative lengths accepted
# fails: test_all_errors
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.max() > seq_len:
        raise ValueError("préfixe trop long")
    prefix = torch.arange(seq_len) < lengths[:, None]
    return prefix[:, None, :] | create_causal_mask(seq_len).bool()


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.max() > seq_len:
        raise ValueError("préfixe trop long")
    return torch.arange(seq_len) + 1 >= lengths[:, None]
