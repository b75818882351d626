# misconception: an array and a tensor are the same thing
# fails: test_manual_example, test_manual_lengths

def create_causal_mask_manual(seq_len):
    return torch.tril(torch.ones(seq_len, seq_len))


def create_causal_mask(seq_len, device="cpu"):
    return torch.ones(seq_len, seq_len, device=device).tril()
