# misconception: lengths fit into eight bits
# fails: test_any_padding
def create_padding_mask(lengths, seq_len):
    lengths = torch.as_tensor(lengths)
    if (lengths < 0).any() or (lengths > seq_len).any():
        raise ValueError("longueur hors bornes")
    mask = torch.arange(seq_len) < lengths.to(torch.int8)[:, None]
    return mask[:, None, None, :]


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) & create_causal_mask(seq_len).bool()
