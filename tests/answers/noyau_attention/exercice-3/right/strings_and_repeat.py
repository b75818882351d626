# style: rows written as text; a tensor repeated

def create_causal_mask_manual(seq_len):
    rows = ["1" * (i + 1) + "0" * (seq_len - i - 1) for i in range(seq_len)]
    return np.array([[float(c) for c in row] for row in rows])


def create_causal_mask(seq_len, device="cpu"):
    positions = torch.arange(seq_len, device=torch.device(device))
    return positions.repeat(seq_len, 1) <= positions.repeat_interleave(seq_len).reshape(seq_len, seq_len)
