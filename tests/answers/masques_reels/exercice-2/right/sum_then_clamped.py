# style: a sum of two masks, clamped
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    prefix = (torch.arange(seq_len) < lengths[:, None]).long()
    return (prefix[:, None, :] + create_causal_mask(seq_len).long()).clamp(max=1)


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    return 1 - (torch.arange(seq_len) + 1 < lengths[:, None]).long()
