# style: another integer type, nll_loss
def next_token_pairs(tokens, context):
    if context <= 0 or len(tokens) - context <= 0:
        raise ValueError
    inputs = torch.empty(len(tokens) - context, context, dtype=torch.int32)
    targets = torch.empty_like(inputs)
    for r in range(inputs.shape[0]):
        inputs[r] = tokens[r : r + context]
        targets[r] = tokens[r + 1 : r + 1 + context]
    return inputs, targets


def next_token_loss(logits, targets):
    log_p = logits.log_softmax(-1)
    return torch.nn.functional.nll_loss(log_p.flatten(0, 1), targets.flatten())
