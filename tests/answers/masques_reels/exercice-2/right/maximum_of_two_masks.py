# style: maximum of two masks
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    prefix = (torch.arange(seq_len) < lengths.unsqueeze(1)).float()
    return torch.maximum(prefix.unsqueeze(1).expand(-1, seq_len, -1), create_causal_mask(seq_len))


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    return torch.stack([torch.arange(1, seq_len + 1) >= p for p in lengths])
