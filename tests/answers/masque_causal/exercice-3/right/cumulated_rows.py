# style: a cumulated sum of ones, cut by a comparison
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    rang = torch.ones(seq_len, seq_len).cumsum(dim=0)
    colonne = torch.ones(seq_len, seq_len).cumsum(dim=1)
    return torch.where((colonne <= rang) & (rang <= real_len), 1, 0)
