# misconception: (batch, 1, seq_len) is enough
# fails: test_padding_example, test_any_padding
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError("longueur impossible")
    return (torch.arange(seq_len) < lengths[:, None])[:, None, :]


def create_causal_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError("longueur impossible")
    real = torch.arange(seq_len) < lengths[:, None]
    return real[:, None, None, :] & torch.ones(seq_len, seq_len).tril().bool()
