# misconception: positions of the prefix count
# fails: test_targets_example, test_any_targets
def create_prefix_mask(prefix_lengths, seq_len):
    """Renvoie le masque à préfixe de chaque exemple.

    Args:
        prefix_lengths: longueur du préfixe de chaque exemple, liste ou tenseur d'entiers ; de 0 à seq_len.
        seq_len: longueur commune des exemples, au moins 1.

    Returns:
        Tenseur de forme (batch, seq_len, seq_len), 1 = a le droit de voir.

    Raises:
        ValueError: si une longueur n'est pas comprise entre 0 et seq_len.
    """
    ### BEGIN SOLUTION
    lengths = torch.as_tensor(prefix_lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError(f"Les préfixes doivent être compris entre 0 et {seq_len} ; reçu : {lengths.tolist()}.")
    in_prefix = torch.arange(seq_len) < lengths[:, None]
    return in_prefix[:, None, :] | create_causal_mask(seq_len).bool()


def counted_targets(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError("longueur impossible")
    return torch.arange(seq_len) < lengths[:, None]
