# style: nested lists of booleans
def create_padding_mask(lengths, seq_len):
    if any(length < 0 or length > seq_len for length in lengths):
        raise ValueError("longueur impossible")
    return torch.tensor([[[[j < int(length) for j in range(seq_len)]]] for length in lengths])


def create_causal_padding_mask(lengths, seq_len):
    real = create_padding_mask(lengths, seq_len)
    return torch.tensor([[[[bool(row[0, 0, j]) and j <= i for j in range(seq_len)] for i in range(seq_len)]] for row in real])
