# style: the three conditions of the formula, broadcast, booleans
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError(f"real_len vaut {real_len}, il faut de 0 à {seq_len}")
    i = torch.arange(seq_len).unsqueeze(1)
    j = torch.arange(seq_len).unsqueeze(0)
    return (j <= i) & (i < real_len) & (j < real_len)
