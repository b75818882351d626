# style: loops and lists
def create_prefix_mask(prefix_lengths, seq_len):
    masks = []
    for p in prefix_lengths:
        p = int(p)
        if p < 0 or p > seq_len:
            raise ValueError(f"longueur impossible : {p}")
        masks.append([[1 if (j <= i or j < p) else 0 for j in range(seq_len)] for i in range(seq_len)])
    return torch.tensor(masks)


def counted_targets(prefix_lengths, seq_len):
    rows = []
    for p in prefix_lengths:
        p = int(p)
        if not 0 <= p <= seq_len:
            raise ValueError(f"longueur impossible : {p}")
        rows.append([1 if i + 1 >= p else 0 for i in range(seq_len)])
    return torch.tensor(rows)
