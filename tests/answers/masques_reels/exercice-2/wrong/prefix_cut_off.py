# misconception: answer tokens do not see the prefix
# fails: test_mask_example, test_any_prefix
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    index = torch.arange(seq_len)
    inside = index < lengths[:, None]
    both_in = inside[:, :, None] & inside[:, None, :]
    both_out = ~inside[:, :, None] & ~inside[:, None, :]
    return both_in | (both_out & create_causal_mask(seq_len).bool())


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    return (torch.arange(seq_len) >= lengths[:, None] - 1).int()
