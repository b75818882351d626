# misconception: the mask is brought back to the processor at the end
# fails: test_device

def create_causal_mask_manual(seq_len):
    return np.tri(seq_len)


def create_causal_mask(seq_len, device="cpu"):
    return torch.tril(torch.ones(seq_len, seq_len, device=device)).cpu()
