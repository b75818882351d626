# style: one small mask a sentence, stacked
def create_padding_mask(lengths, seq_len):
    rows = []
    for length in list(map(int, lengths)):
        if length not in range(seq_len + 1):
            raise ValueError(f"longueur {length}")
        rows.append(torch.cat([torch.ones(length), torch.zeros(seq_len - length)]))
    return torch.stack(rows).view(-1, 1, 1, seq_len)


def create_causal_padding_mask(lengths, seq_len):
    return torch.stack([row * torch.tril(torch.ones(seq_len, seq_len)) for row in create_padding_mask(lengths, seq_len)])
