# misconception: a mask holds 0 and minus infinity
# fails: test_torch_example, test_torch_lengths

def create_causal_mask_manual(seq_len):
    return np.tri(seq_len)


def create_causal_mask(seq_len, device="cpu"):
    return torch.full((seq_len, seq_len), float("-inf"), device=device).triu(1)
