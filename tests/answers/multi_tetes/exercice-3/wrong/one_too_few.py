# misconception: the last real token is padding
# fails: test_padding_example, test_causal_padding_example, test_any_padding, test_any_causal_padding, test_no_padding
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError("longueur impossible")
    return (torch.arange(seq_len) < -1 + lengths[:, None])[:, None, None, :]

def create_causal_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError("longueur impossible")
    real = torch.arange(seq_len) < -1 + lengths[:, None]
    return real[:, None, None, :] & torch.ones(seq_len, seq_len).tril().bool()
