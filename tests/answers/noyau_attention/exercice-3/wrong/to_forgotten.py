# misconception: tensor.to moves the tensor in place
# fails: test_device

def create_causal_mask_manual(seq_len):
    return np.tri(seq_len)


def create_causal_mask(seq_len, device="cpu"):
    mask = torch.tril(torch.ones(seq_len, seq_len))
    mask.to(device)
    return mask
