# misconception: the triangle above the diagonal is what may be seen
# fails: test_manual_example
def create_causal_mask_manual(seq_len):
    mask = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        for j in range(seq_len):
            if j > i:
                mask[i, j] = 1
    return mask

def create_causal_mask(seq_len, device="cpu"):
    return torch.ones(seq_len, seq_len, device=device).tril()
