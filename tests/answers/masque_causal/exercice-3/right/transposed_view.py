# style: an upper triangle seen transposed, not contiguous
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    reel = torch.arange(seq_len).expand(seq_len, seq_len) < real_len
    return torch.triu(reel).T & reel
