# style: what is forbidden is filled in a mask of ones
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    position = torch.arange(seq_len)
    remplissage = position >= real_len
    interdit = (position[:, None] < position) | remplissage[:, None] | remplissage
    return torch.ones(seq_len, seq_len).masked_fill(interdit, 0)
