# style: the forbidden triangle, inverted

def create_causal_mask_manual(seq_len):
    forbidden = np.triu(np.ones((seq_len, seq_len)), k=1)
    return 1 - forbidden


def create_causal_mask(seq_len, device="cpu"):
    return ~torch.ones(seq_len, seq_len, device=device).triu(1).bool()
