# misconception: the mask always has four tokens
# fails: test_manual_lengths

def create_causal_mask_manual(seq_len):
    return np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])


def create_causal_mask(seq_len, device="cpu"):
    return torch.ones(seq_len, seq_len, device=device).tril()
