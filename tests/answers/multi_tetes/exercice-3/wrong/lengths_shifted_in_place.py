# misconception: the given tensor may serve as working memory
# fails: test_any_padding, test_any_causal_padding
def create_padding_mask(lengths, seq_len):
    last = torch.as_tensor(lengths)
    if ((last < 0) | (last > seq_len)).any():
        raise ValueError("longueur impossible")
    last -= 1
    return (torch.arange(seq_len) <= last[:, None])[:, None, None, :]


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) & create_causal_mask(seq_len).bool()
