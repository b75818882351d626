# style: lists of lists, turned into an array and a tensor

def create_causal_mask_manual(seq_len):
    rows = []
    for i in range(seq_len):
        rows.append([1.0] * (i + 1) + [0.0] * (seq_len - i - 1))
    return np.array(rows)


def create_causal_mask(seq_len, device="cpu"):
    return torch.tensor([[1 if j <= i else 0 for j in range(seq_len)] for i in range(seq_len)], device=device)
