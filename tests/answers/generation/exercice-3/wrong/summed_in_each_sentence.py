# misconception: surprises are added in a sentence, averaged over the batch
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
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets[..., None]).sum(dim=(1, 2)).mean()
