# misconception: the future is what is seen
# fails: test_manual_example, test_torch_example, test_manual_lengths, test_torch_lengths

def create_causal_mask_manual(seq_len):
    mask = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        for j in range(seq_len):
            if j >= i:
                mask[i, j] = 1
    return mask


def create_causal_mask(seq_len, device="cpu"):
    return torch.triu(torch.ones(seq_len, seq_len, device=device))
