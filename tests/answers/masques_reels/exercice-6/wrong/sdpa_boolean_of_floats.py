# misconception: the mask is given as it is where it is boolean
# fails: test_sdpa_causal, test_any_sdpa
def multihead_arguments(visible, n_heads):
    """Traduit un masque du cours pour torch.nn.MultiheadAttention.

    Args:
        visible: masque (batch, n_q, n_k), 1 = a le droit de voir ; de type quelconque.
        n_heads: nombre de têtes du module.

    Returns:
        Dictionnaire d'arguments nommés.
    """
    ### BEGIN SOLUTION
    return {"attn_mask": ~visible.bool().repeat_interleave(n_heads, dim=0)}


def padded_causal_arguments(real):
    """Donne à torch.nn.MultiheadAttention de quoi être causale sans lire le remplissage.

    Args:
        real: tenseur (batch, n), 1 = token réel, 0 = remplissage, à droite ; de type quelconque.

    Returns:
        Dictionnaire d'arguments nommés.
    """
    ### BEGIN SOLUTION
    return {"attn_mask": ~create_causal_mask(real.shape[1]).bool(), "key_padding_mask": ~real.bool()}


def sdpa_arguments(visible):
    return {"attn_mask": visible.float()[:, None]}
