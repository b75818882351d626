# style: indices compared by broadcasting
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    prefix = torch.arange(seq_len)[None, None, :] < lengths[:, None, None]
    return prefix | torch.ones(seq_len, seq_len).tril().bool()


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    return (torch.arange(seq_len) >= lengths[:, None] - 1).int()
