# style: columns follow: a real row never sees beyond itself
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    masque[real_len:] = 0
    return masque
