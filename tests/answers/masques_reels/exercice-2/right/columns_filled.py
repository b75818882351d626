# style: the prefix's columns filled with ones
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    mask = create_causal_mask(seq_len).repeat(len(lengths), 1, 1)
    for b, p in enumerate(lengths.tolist()):
        mask[b, :, :p] = 1
    return mask


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    counted = torch.ones(len(lengths), seq_len)
    for b, p in enumerate(lengths.tolist()):
        counted[b, : max(p - 1, 0)] = 0
    return counted
