# misconception: impossible lengths accepted by the second function
# fails: test_error, test_all_errors
def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if lengths.min() < 0 or lengths.max() > seq_len:
        raise ValueError("un préfixe a une longueur impossible")
    prefix = torch.arange(seq_len)[None, None, :] < lengths[:, None, None]
    return prefix | torch.ones(seq_len, seq_len).tril().bool()


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    return torch.arange(seq_len) + 1 >= lengths[:, None]
