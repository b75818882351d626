# misconception: the longest prefix for the whole batch
# fails: test_any_prefix
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    prefix = torch.arange(seq_len) < lengths.max()
    return (prefix[None, :] | create_causal_mask(seq_len).bool()).repeat(len(lengths), 1, 1)


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    return (torch.arange(seq_len) >= lengths[:, None] - 1).int()
