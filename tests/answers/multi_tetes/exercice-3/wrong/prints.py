# misconception: printing is returning
# fails: test_padding_example, test_any_padding, test_causal_padding_example, test_any_causal_padding
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError("longueur impossible")
    print((torch.arange(seq_len) < lengths[:, None])[:, None, None, :])


def create_causal_padding_mask(lengths, seq_len):
    print(create_padding_mask(lengths, seq_len))
