# style: the product of the course's mask and of an outer product
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    reel = (torch.arange(seq_len) < real_len).float()
    return create_causal_mask(seq_len) * torch.outer(reel, reel)
