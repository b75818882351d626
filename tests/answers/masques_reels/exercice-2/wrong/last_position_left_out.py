# misconception: the last position never counts
# fails: test_targets_example, test_any_targets
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    prefix = torch.arange(seq_len)[None, None, :] < lengths[:, None, None]
    return prefix | torch.ones(seq_len, seq_len).tril().bool()


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    counted = (torch.arange(seq_len) + 1 >= lengths[:, None]).int()
    counted[:, -1] = 0
    return counted
