# misconception: tensors refused
# fails: test_any_prefix, test_prefixes_unchanged
def create_prefix_mask(prefix_lengths, seq_len):
    if not isinstance(prefix_lengths, list) or min(prefix_lengths) < 0 or max(prefix_lengths) > seq_len:
        raise ValueError("il faut une liste de longueurs possibles")
    mask = create_causal_mask(seq_len).repeat(len(prefix_lengths), 1, 1)
    for b, p in enumerate(prefix_lengths):
        mask[b, :, :p] = 1
    return mask


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    return (torch.arange(seq_len) >= lengths[:, None] - 1).int()
