# style: the short floats of large models
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.zeros(seq_len, seq_len, dtype=torch.bfloat16)
    masque[:real_len, :real_len] = torch.ones(real_len, real_len).tril()
    return masque
