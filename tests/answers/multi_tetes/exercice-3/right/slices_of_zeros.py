# style: slices set to one, multiplied by the causal mask
def create_padding_mask(lengths, seq_len):
    mask = torch.zeros(len(lengths), 1, 1, seq_len, dtype=torch.int64)
    for row, length in zip(mask, lengths):
        if not 0 <= length <= seq_len:
            raise ValueError("longueur impossible")
        row[..., :length] = 1
    return mask


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) * create_causal_mask(seq_len)
