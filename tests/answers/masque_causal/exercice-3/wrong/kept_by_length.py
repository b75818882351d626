# misconception: masks are kept by seq_len alone: real_len of later calls is ignored
# fails: test_any_length, test_bounds
deja = {}


def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    if seq_len not in deja:
        masque = torch.tril(torch.ones(seq_len, seq_len))
        masque[real_len:] = 0
        deja[seq_len] = masque
    return deja[seq_len]
