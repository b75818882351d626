# misconception: a sentence has at least one token
# fails: test_any_padding, test_any_causal_padding, test_all_errors
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if ((lengths < 1) | (lengths > seq_len)).any():
        raise ValueError("longueur impossible")
    return (torch.arange(seq_len) < lengths[:, None])[:, None, None, :]


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) & create_causal_mask(seq_len).bool()
