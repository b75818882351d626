# misconception: no error where no window is left
# fails: test_pairs_errors
def next_token_pairs(tokens, context):
    n = max(0, len(tokens) - context)
    inputs = torch.zeros(n, max(context, 0), dtype=torch.long)
    targets = torch.zeros(n, max(context, 0), dtype=torch.long)
    for r in range(n):
        if context > 0:
            inputs[r], targets[r] = tokens[r : r + context], tokens[r + 1 : r + context + 1]
    return inputs, targets


def next_token_loss(logits, targets):
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets.unsqueeze(-1)).mean()
