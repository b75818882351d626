# style: two loops, then torch.tril of booleans

def create_causal_mask_manual(seq_len):
    mask = np.zeros((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        for j in range(i + 1):
            mask[i, j] = True
    return mask


def create_causal_mask(seq_len, device="cpu"):
    return torch.tril(torch.ones((seq_len, seq_len), dtype=torch.bool, device=device))
