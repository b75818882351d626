# style: the prefix's square filled: the rest of its columns is causal anyway
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    mask = torch.ones(seq_len, seq_len).tril().repeat(lengths.numel(), 1, 1)
    for b in range(lengths.numel()):
        p = int(lengths[b])
        mask[b, :p, :p] = 1.0
    return mask


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    return (torch.arange(seq_len) >= lengths[:, None] - 1).int()
