# style: Python lists for the pairs, loops over positions for the loss
def next_token_pairs(tokens, context):
    values = tokens.tolist()
    inputs, targets = [], []
    if context < 1:
        raise ValueError("le contexte doit valoir au moins 1")
    for start in range(len(values) - context):
        inputs.append(values[start : start + context])
        targets.append(values[start + 1 : start + 1 + context])
    if not inputs:
        raise ValueError("aucune fenêtre")
    return torch.tensor(inputs), torch.tensor(targets)


def next_token_loss(logits, targets):
    total = 0.0
    batch, n = targets.shape
    for b in range(batch):
        for t in range(n):
            z = logits[b, t]
            total = total + torch.logsumexp(z, dim=0) - z[targets[b, t]]
    return total / (batch * n)
