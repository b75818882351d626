# misconception: a mask of zeros alone
# fails: test_torch_example, test_torch_lengths
def create_causal_mask_manual(seq_len):
    """Construit le masque causal case par case, comme le dit sa définition.

    Args:
        seq_len: nombre de tokens, au moins 1.

    Returns:
        Tableau NumPy de forme (seq_len, seq_len), 1 = a le droit de voir.
    """
    ### BEGIN SOLUTION
    mask = np.zeros((seq_len, seq_len), dtype=int)
    for i in range(seq_len):  # le token qui regarde
        for j in range(seq_len):  # le token regardé
            if j <= i:
                mask[i, j] = 1
    return mask


def create_causal_mask(seq_len, device="cpu"):
    return torch.zeros(seq_len, seq_len, device=device)
