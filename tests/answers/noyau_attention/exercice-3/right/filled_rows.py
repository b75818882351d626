# style: row by row, in both libraries

def create_causal_mask_manual(seq_len):
    mask = np.zeros([seq_len, seq_len])
    i = 0
    while i < seq_len:
        mask[i, : i + 1] = 1
        i += 1
    return mask


def create_causal_mask(seq_len, device="cpu"):
    mask = torch.zeros(seq_len, seq_len, device=device)
    for i in range(seq_len):
        mask[i, : i + 1] = 1
    return mask
