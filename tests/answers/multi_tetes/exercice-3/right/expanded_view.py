# style: padding expanded over the queries, then tril
def create_padding_mask(lengths, seq_len):
    lengths = torch.tensor([int(length) for length in lengths])
    if not bool(torch.all((lengths >= 0) & (lengths <= seq_len))):
        raise ValueError("longueur impossible")
    return torch.arange(seq_len).expand(len(lengths), 1, 1, seq_len) < lengths.view(-1, 1, 1, 1)


def create_causal_padding_mask(lengths, seq_len):
    padding = create_padding_mask(lengths, seq_len)
    return padding.expand(-1, -1, seq_len, -1).float().tril()
