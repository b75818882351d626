# misconception: the batch has two sentences
# fails: test_any_padding, test_any_causal_padding
def create_padding_mask(lengths, seq_len):
    mask = torch.zeros(2, 1, 1, seq_len)
    for b in range(2):
        if not 0 <= lengths[b] <= seq_len:
            raise ValueError("longueur impossible")
        mask[b, :, :, : lengths[b]] = 1
    return mask


def create_causal_padding_mask(lengths, seq_len):
    return create_padding_mask(lengths, seq_len) * create_causal_mask(seq_len)
