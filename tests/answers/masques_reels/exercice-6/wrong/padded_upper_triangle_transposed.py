# misconception: tril without the diagonal blocks the past
# fails: test_padded_example, test_any_padding
def sdpa_arguments(visible):
    """Traduit un masque du cours pour torch.nn.functional.scaled_dot_product_attention.

    Args:
        visible: masque (batch, n_q, n_k), 1 = a le droit de voir ; de type quelconque.

    Returns:
        Dictionnaire d'arguments nommés, pour des requêtes (batch, n_heads, n_q, d).
    """
    ### BEGIN SOLUTION
    return {"attn_mask": visible.bool()[:, None]}


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
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).tril(-1).bool(), "key_padding_mask": ~real.bool()}
