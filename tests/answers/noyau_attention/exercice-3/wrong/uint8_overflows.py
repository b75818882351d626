# misconception: positions are kept in eight bits
# fails: test_manual_lengths
def create_causal_mask_manual(seq_len):
    i = np.arange(seq_len).astype(np.uint8)
    return i[:, None] >= i


def create_causal_mask(seq_len, device="cpu"):
    return torch.tril(torch.ones(seq_len, seq_len, device=device))
