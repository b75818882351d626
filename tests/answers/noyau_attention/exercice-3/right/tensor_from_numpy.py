# style: the tensor is the array, moved to the device

def create_causal_mask_manual(seq_len):
    return np.fromfunction(lambda i, j: j <= i, (seq_len, seq_len)).astype(np.int8)


def create_causal_mask(seq_len, device="cpu"):
    return torch.from_numpy(create_causal_mask_manual(seq_len)).to(device)
