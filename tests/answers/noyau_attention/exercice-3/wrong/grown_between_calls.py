# misconception: a mask kept from the call before serves again
# fails: test_torch_lengths

def create_causal_mask_manual(seq_len):
    return np.tri(seq_len)


kept = {}


def create_causal_mask(seq_len, device="cpu"):
    if device not in kept or kept[device].shape[0] < seq_len:
        kept[device] = torch.tril(torch.ones(seq_len, seq_len, device=device))
    return kept[device]
