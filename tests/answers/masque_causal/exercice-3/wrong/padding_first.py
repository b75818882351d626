# misconception: padding is put before the sentence
# fails: test_example, test_any_length
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.zeros(seq_len, seq_len)
    debut = seq_len - real_len
    masque[debut:, debut:] = torch.tril(torch.ones(real_len, real_len))
    return masque
