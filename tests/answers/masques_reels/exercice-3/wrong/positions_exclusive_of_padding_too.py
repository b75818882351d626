# misconception: the number of tokens before, padding included
# fails: test_positions_example, test_any_positions
def create_decoding_mask(real, n_new):
    """Renvoie le masque des n_new dernières colonnes d'un lot complété à gauche.

    Args:
        real: tenseur (batch, n), 1 = token réel, 0 = remplissage ; de type quelconque.
        n_new: nombre de nouveaux tokens, de 1 à n ; les autres sont déjà dans le cache.

    Returns:
        Tenseur de forme (batch, n_new, n), 1 = a le droit de voir.

    Raises:
        ValueError: si n_new n'est pas compris entre 1 et n.
    """
    ### BEGIN SOLUTION
    n = real.shape[1]
    if not 1 <= n_new <= n:
        raise ValueError(f"n_new doit être compris entre 1 et {n}, et vaut {n_new}.")
    return real.bool()[:, None, :] & create_causal_mask(n)[n - n_new :].bool()


def position_ids_of(real):
    return (torch.ones_like(real).cumsum(dim=-1) - 1) * real
