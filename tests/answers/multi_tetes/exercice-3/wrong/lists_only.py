# misconception: lengths is always a list
# fails: test_any_padding, test_any_causal_padding
def create_padding_mask(lengths, seq_len):
    if not all(isinstance(length, int) and 0 <= length <= seq_len for length in lengths):
        raise ValueError("longueur impossible")
    return torch.tensor([[[[1] * length + [0] * (seq_len - length)]] for length in lengths])


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) * create_causal_mask(seq_len)
