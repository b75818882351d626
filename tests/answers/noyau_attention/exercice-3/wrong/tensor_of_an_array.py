# misconception: the mask is made by NumPy, then carried over
# fails: test_device
def create_causal_mask_manual(seq_len):
    return np.tril(np.ones((seq_len, seq_len)))

def create_causal_mask(seq_len, device="cpu"):
    m = torch.ones(seq_len, seq_len, device=device)
    return torch.tensor(np.tril(m.numpy()), device=device)
