# style: what is blocked, turned round
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    index = torch.arange(seq_len)
    blocked = (index > index[:, None]) & (index >= lengths[:, None, None])
    return torch.logical_not(blocked)


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    return (torch.arange(seq_len) >= lengths[:, None] - 1).int()
