# style: the library's own additive mask, read as "not minus infinity"

def create_causal_mask_manual(seq_len):
    return np.tri(seq_len)


def create_causal_mask(seq_len, device="cpu"):
    additive = torch.nn.Transformer.generate_square_subsequent_mask(seq_len)
    return (additive == 0).to(torch.device(device))
