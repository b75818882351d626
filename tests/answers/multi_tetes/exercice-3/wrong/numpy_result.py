# misconception: a NumPy array is as good as a tensor
# fails: test_padding_example, test_any_padding
def create_padding_mask(lengths, seq_len):
    lengths = np.array(lengths)
    if (lengths < 0).any() or (lengths > seq_len).any():
        raise ValueError("longueur impossible")
    return (np.arange(seq_len) < lengths[:, None])[:, None, None, :]


def create_causal_padding_mask(lengths, seq_len):
    return torch.tensor(create_padding_mask(lengths, seq_len)) & create_causal_mask(seq_len).bool()
