# misconception: a mask of one token loses its dimensions
# fails: test_manual_lengths
def create_causal_mask_manual(seq_len):
    return np.tril(np.ones((seq_len, seq_len))).squeeze()


def create_causal_mask(seq_len, device="cpu"):
    return torch.tril(torch.ones(seq_len, seq_len, device=device))
