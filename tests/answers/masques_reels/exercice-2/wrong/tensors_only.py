# misconception: lists refused
# fails: test_mask_example, test_targets_example, test_error, test_any_prefix, test_any_targets, test_all_errors, test_prefixes_unchanged
def create_prefix_mask(prefix_lengths, seq_len):
    if (prefix_lengths < 0).any() or (prefix_lengths > seq_len).any():
        raise ValueError("longueur impossible")
    prefix = torch.arange(seq_len) < prefix_lengths[:, None]
    return prefix[:, None, :] | create_causal_mask(seq_len).bool()


def counted_targets(prefix_lengths, seq_len):
    if (prefix_lengths < 0).any() or (prefix_lengths > seq_len).any():
        raise ValueError("longueur impossible")
    return torch.arange(seq_len) + 1 >= prefix_lengths[:, None]
