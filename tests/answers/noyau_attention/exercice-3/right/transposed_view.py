# style: a Fortran array and a transposed tensor

def create_causal_mask_manual(seq_len):
    return np.triu(np.ones((seq_len, seq_len))).T


def create_causal_mask(seq_len, device="cpu"):
    return torch.triu(torch.ones(seq_len, seq_len, device=device)).t()
