# misconception: range(i) goes up to i
# fails: test_manual_example, test_manual_lengths

def create_causal_mask_manual(seq_len):
    mask = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        for j in range(i):
            mask[i, j] = 1
    return mask


def create_causal_mask(seq_len, device="cpu"):
    return torch.ones(seq_len, seq_len, device=device).tril()
