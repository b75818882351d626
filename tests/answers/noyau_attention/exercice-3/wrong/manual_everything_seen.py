# misconception: a mask of ones alone
# fails: test_manual_example, test_manual_lengths
def create_causal_mask(seq_len, device="cpu"):
    """Construit le masque causal avec PyTorch, sur l'appareil demandé.

    Args:
        seq_len: nombre de tokens, au moins 1.
        device: appareil du tenseur, par exemple "cpu" ou "cuda".

    Returns:
        Tenseur PyTorch de forme (seq_len, seq_len), 1 = a le droit de voir.
    """
    ### BEGIN SOLUTION
    return torch.tril(torch.ones(seq_len, seq_len, device=device))


def create_causal_mask_manual(seq_len):
    return np.ones((seq_len, seq_len))
