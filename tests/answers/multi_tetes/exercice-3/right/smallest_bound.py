# style: one comparison with the smaller of two bounds
def create_padding_mask(lengths, seq_len):
    for length in lengths:
        if not (0 <= length <= seq_len):
            raise ValueError("longueur impossible")
    j = torch.arange(seq_len)
    return torch.stack([(j < length)[None, None] for length in lengths])


def create_causal_padding_mask(lengths, seq_len):
    for length in lengths:
        if not (0 <= length <= seq_len):
            raise ValueError("longueur impossible")
    i = torch.arange(seq_len).view(1, 1, seq_len, 1)
    j = torch.arange(seq_len).view(1, 1, 1, seq_len)
    ends = torch.as_tensor(lengths).view(-1, 1, 1, 1)
    return (j < torch.minimum(i + 1, ends)).double()
