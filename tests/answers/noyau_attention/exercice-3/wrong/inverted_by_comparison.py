# misconception: both functions say what is hidden
# fails: test_manual_example, test_torch_example
def create_causal_mask_manual(seq_len):
    return np.triu(np.ones((seq_len, seq_len)), k=1)


def create_causal_mask(seq_len, device="cpu"):
    return torch.triu(torch.ones(seq_len, seq_len, device=device), diagonal=1)
