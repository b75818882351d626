# misconception: padding is thought never to be more than half of the sentence
# fails: test_any_length, test_bounds
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len doit être compris entre 0 et seq_len")
    masque = torch.tril(torch.ones(seq_len, seq_len))
    for i in range(seq_len // 2, seq_len):
        if i >= real_len:
            masque[i] = 0
            masque[:, i] = 0
    return masque
