# style: another error is caught and raised again as a ValueError
def create_combined_mask(seq_len, real_len):
    try:
        assert 0 <= real_len <= seq_len
    except AssertionError as erreur:
        raise ValueError("real_len doit être entre 0 et seq_len") from erreur
    reel = torch.cat([torch.ones(real_len), torch.zeros(seq_len - real_len)])
    return torch.einsum("i,j,ij->ij", reel, reel, create_causal_mask(seq_len))
