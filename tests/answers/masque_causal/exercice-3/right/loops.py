# style: two loops and a condition, integers
def create_combined_mask(seq_len, real_len):
    if real_len < 0:
        raise ValueError("real_len est négatif")
    if real_len > seq_len:
        raise ValueError("real_len dépasse seq_len")
    masque = torch.zeros((seq_len, seq_len), dtype=torch.int64)
    for i in range(seq_len):
        for j in range(seq_len):
            if j <= i and i < real_len and j < real_len:
                masque[i, j] = 1
    return masque
