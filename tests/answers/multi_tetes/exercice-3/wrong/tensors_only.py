# misconception: lengths is always a tensor
# fails: test_padding_example, test_causal_padding_example, test_any_padding, test_any_causal_padding
def create_padding_mask(lengths, seq_len):
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("longueur impossible")
    return (torch.arange(seq_len) < lengths[:, None])[:, None, None, :]


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) & create_causal_mask(seq_len).bool()
