# style: one example after the other, NumPy inside

def checked(lengths, seq_len):
    lengths = [int(length) for length in lengths]
    if any(length not in range(seq_len + 1) for length in lengths):
        raise ValueError(lengths)
    return lengths


def create_padding_mask(lengths, seq_len):
    mask = np.zeros((len(lengths), 1, 1, seq_len), dtype=np.int32)
    for row, length in zip(mask, checked(lengths, seq_len)):
        row[..., :length] = 1
    return torch.from_numpy(mask)


def create_causal_padding_mask(lengths, seq_len):
    parts = []
    for length in checked(lengths, seq_len):
        square = torch.tril(torch.ones(seq_len, seq_len, dtype=torch.float16))
        square[:, length:] = 0
        parts.append(square)
    return torch.stack(parts).unsqueeze(1)
