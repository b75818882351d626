# misconception: the diagonal is number 1
# fails: test_torch_example, test_torch_lengths

def create_causal_mask_manual(seq_len):
    return np.tri(seq_len)


def create_causal_mask(seq_len, device="cpu"):
    return torch.tril(torch.ones(seq_len, seq_len, device=device), diagonal=1)
