# style: positions compared by broadcasting

def create_causal_mask_manual(seq_len):
    position = np.arange(seq_len)
    return position[:, None] >= position[None, :]


def create_causal_mask(seq_len, device="cpu"):
    position = torch.arange(seq_len, device=device)
    return (position.unsqueeze(1) >= position.unsqueeze(0)).half()
