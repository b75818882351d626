# misconception: one mask per length is shared by all calls, and each call erases more of it
# fails: test_any_length
causaux = {}


def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    if seq_len not in causaux:
        causaux[seq_len] = torch.tril(torch.ones(seq_len, seq_len))
    masque = causaux[seq_len]
    masque[real_len:] = 0
    return masque
