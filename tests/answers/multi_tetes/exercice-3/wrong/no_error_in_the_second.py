# misconception: only the first function checks lengths
# fails: test_error
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if (lengths < 0).any() or (lengths > seq_len).any():
        raise ValueError("longueur hors bornes")
    mask = torch.arange(seq_len) < lengths[:, None]
    return mask[:, None, None, :]


def create_causal_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    i, j = torch.arange(seq_len)[:, None], torch.arange(seq_len)
    return ((j <= i) & (j < lengths[:, None, None]))[:, None]
