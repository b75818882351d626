# style: a position counts if its mask hides the next token
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    prefix = torch.arange(seq_len)[None, None, :] < lengths[:, None, None]
    return prefix | torch.ones(seq_len, seq_len).tril().bool()


def counted_targets(prefix_lengths, seq_len):
    mask = create_prefix_mask(prefix_lengths, seq_len).bool()
    hidden = ~torch.diagonal(mask, offset=1, dim1=1, dim2=2)
    last = torch.ones(len(mask), 1, dtype=torch.bool)
    return torch.cat((hidden, last), dim=1)
