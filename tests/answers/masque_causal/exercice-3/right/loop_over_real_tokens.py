# style: one slice per real token, 8-bit integers
def create_combined_mask(seq_len, real_len):
    if real_len not in range(seq_len + 1):
        raise ValueError
    masque = torch.zeros(seq_len, seq_len, dtype=torch.uint8)
    for i in range(real_len):
        masque[i, : i + 1] = 1
    return masque
