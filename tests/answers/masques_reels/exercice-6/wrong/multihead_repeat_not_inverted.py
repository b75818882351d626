# misconception: repeat, and the course's polarity
# fails: test_multihead_causal, test_any_multihead
def sdpa_arguments(visible):
    """Traduit un masque du cours pour torch.nn.functional.scaled_dot_product_attention.

    Args:
        visible: masque (batch, n_q, n_k), 1 = a le droit de voir ; de type quelconque.

    Returns:
        Dictionnaire d'arguments nommés, pour des requêtes (batch, n_heads, n_q, d).
    """
    ### BEGIN SOLUTION
    return {"attn_mask": visible.bool()[:, None]}


def padded_causal_arguments(real):
    """Donne à torch.nn.MultiheadAttention de quoi être causale sans lire le remplissage.

    Args:
        real: tenseur (batch, n), 1 = token réel, 0 = remplissage, à droite ; de type quelconque.

    Returns:
        Dictionnaire d'arguments nommés.
    """
    ### BEGIN SOLUTION
    return {"attn_mask": ~create_causal_mask(real.shape[1]).bool(), "key_padding_mask": ~real.bool()}


def multihead_arguments(visible, n_heads):
    return {"attn_mask": visible.bool().repeat(n_heads, 1, 1)}
