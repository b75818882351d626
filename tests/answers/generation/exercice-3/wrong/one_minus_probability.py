# misconception: surprise is one minus the probability
# fails: test_loss_of_a_guess, test_loss_values, test_loss_gradient
def next_token_pairs(tokens, context):
    """Renvoie toutes les fenêtres de context tokens, et leurs cibles.

    Args:
        tokens: tenseur d'entiers de forme (N,).
        context: longueur des fenêtres, au moins 1.

    Returns:
        inputs et targets, deux tenseurs d'entiers de forme (N - context, context).

    Raises:
        ValueError: si context est inférieur à 1, ou s'il ne reste aucune fenêtre.
    """
    ### BEGIN SOLUTION
    if not 1 <= context < len(tokens):
        raise ValueError(f"context doit être compris entre 1 et {len(tokens) - 1}, et vaut {context}.")
    windows = tokens.unfold(0, context + 1, 1)
    return windows[:, :-1], windows[:, 1:]


def next_token_loss(logits, targets):
    p = torch.softmax(logits, dim=-1)
    return (1 - p.gather(-1, targets[..., None])).mean()
