# misconception: results printed
# fails: test_mask_example, test_targets_example, test_any_prefix, test_any_targets
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    prefix = torch.arange(seq_len) < lengths[:, None]
    print(prefix[:, None, :] | create_causal_mask(seq_len).bool())


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    print(torch.arange(seq_len) + 1 >= lengths[:, None])
