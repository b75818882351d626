# misconception: the prefix sees itself, others see nothing before them
# fails: test_mask_example, test_any_prefix
def counted_targets(prefix_lengths, seq_len):
    """Dit quelles positions comptent dans la perte : celles qui ne voient pas le token suivant.

    Args:
        prefix_lengths: longueur du préfixe de chaque exemple, liste ou tenseur d'entiers ; de 0 à seq_len.
        seq_len: longueur commune des exemples, au moins 1.

    Returns:
        Tenseur de forme (batch, seq_len), 1 = la position compte.

    Raises:
        ValueError: si une longueur n'est pas comprise entre 0 et seq_len.
    """
    ### BEGIN SOLUTION
    lengths = torch.as_tensor(prefix_lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError(f"Les préfixes doivent être compris entre 0 et {seq_len} ; reçu : {lengths.tolist()}.")
    return torch.arange(seq_len) + 1 >= lengths[:, None]


def create_prefix_mask(prefix_lengths, seq_len):
    lengths = torch.as_tensor(prefix_lengths)
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError("longueur impossible")
    inside = torch.arange(seq_len) < lengths[:, None]
    return inside[:, None, :] & inside[:, :, None]
