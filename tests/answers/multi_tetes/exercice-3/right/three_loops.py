# style: loops, one cell at a time
def check(lengths, seq_len):
    for length in lengths:
        if length < 0 or length > seq_len:
            raise ValueError(f"{length} n'est pas entre 0 et {seq_len}")


def create_padding_mask(lengths, seq_len):
    check(lengths, seq_len)
    mask = torch.zeros(len(lengths), 1, 1, seq_len)
    for b, length in enumerate(lengths):
        for j in range(int(length)):
            mask[b, 0, 0, j] = 1
    return mask


def create_causal_padding_mask(lengths, seq_len):
    check(lengths, seq_len)
    mask = torch.zeros(len(lengths), 1, seq_len, seq_len)
    for b, length in enumerate(lengths):
        for i in range(seq_len):
            for j in range(i + 1):
                if j < length:
                    mask[b, 0, i, j] = 1
    return mask
