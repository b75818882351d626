# style: a loss module, a list of two tensors
def next_token_pairs(tokens, context):
    if context < 1 or context + 1 > len(tokens):
        raise ValueError("context")
    windows = torch.cat([tokens[None, r : r + context + 1] for r in range(len(tokens) - context)])
    return [windows[:, :-1].contiguous(), windows[:, 1:].contiguous()]


def next_token_loss(logits, targets):
    criterion = torch.nn.CrossEntropyLoss()
    return criterion(logits.permute(0, 2, 1), targets)
