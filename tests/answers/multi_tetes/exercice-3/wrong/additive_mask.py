# misconception: a mask holds 0 and minus infinity
# fails: test_padding_example, test_any_padding, test_causal_padding_example, test_any_causal_padding
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError("longueur impossible")
    blocked = torch.arange(seq_len) >= lengths[:, None]
    return torch.zeros(len(lengths), 1, 1, seq_len).masked_fill(blocked[:, None, None, :], -torch.inf)


def create_causal_padding_mask(lengths, seq_len):
    causal = torch.zeros(seq_len, seq_len).masked_fill(create_causal_mask(seq_len) == 0, -torch.inf)
    return create_padding_mask(lengths, seq_len) + causal
