# style: unfold, cross_entropy on flattened positions
def next_token_pairs(tokens, context):
    if context < 1:
        raise ValueError("context < 1")
    if len(tokens) <= context:
        raise ValueError("texte trop court")
    return tokens[:-1].unfold(0, context, 1), tokens[1:].unfold(0, context, 1)


def next_token_loss(logits, targets):
    return torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))
