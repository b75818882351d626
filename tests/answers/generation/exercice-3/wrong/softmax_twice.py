# misconception: cross entropy takes probabilities
# fails: test_loss_of_a_guess
def next_token_pairs(tokens, context):
    n = len(tokens) - context
    if context < 1 or n < 1:
        raise ValueError("aucune fenêtre")
    inputs = torch.stack([tokens[r : r + context] for r in range(n)])
    targets = torch.stack([tokens[r + 1 : r + 1 + context] for r in range(n)])
    return inputs, targets


def next_token_loss(logits, targets):
    log_p = torch.log_softmax(logits, dim=-1)
    return functional.cross_entropy(logits.softmax(-1).flatten(0, 1), targets.flatten())
