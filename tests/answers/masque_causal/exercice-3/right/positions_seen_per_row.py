# style: how many positions each token sees, then a comparison
def create_combined_mask(seq_len, real_len):
    if real_len > seq_len or real_len < 0:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    vues = torch.arange(1, seq_len + 1)
    vues[real_len:] = 0
    return torch.arange(seq_len).expand(seq_len, seq_len) < vues[:, None]
