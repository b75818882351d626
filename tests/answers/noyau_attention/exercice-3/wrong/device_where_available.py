# misconception: the device asked for is only a wish
# fails: test_device

def create_causal_mask_manual(seq_len):
    return np.tri(seq_len)


def create_causal_mask(seq_len, device="cpu"):
    device = "cuda" if device == "cuda" and torch.cuda.is_available() else "cpu"
    return torch.tril(torch.ones(seq_len, seq_len, device=device))
