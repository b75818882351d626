# style: one token of padding at a time

def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError(f"{real_len} ?")
    if real_len < seq_len:
        return torch.nn.functional.pad(create_combined_mask(seq_len - 1, real_len), (0, 1, 0, 1))
    return torch.tensor(np.tri(seq_len), dtype=torch.int16)
