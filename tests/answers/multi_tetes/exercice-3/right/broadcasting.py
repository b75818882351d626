# style: comparisons of columns and rows
 
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if (lengths < 0).any() or (lengths > seq_len).any():
        raise ValueError("longueur impossible")
    return (torch.arange(seq_len)[None, :] < lengths[:, None])[:, None, None, :]


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) & create_causal_mask(seq_len).bool()
