# misconception: a text that leaves no window is allowed
# fails: test_pairs_errors
def next_token_pairs(tokens, context):
    n = len(tokens) - context
    if n == 0 and context >= 1:
        return tokens.new_zeros((0, context)), tokens.new_zeros((0, context))
    if context < 1 or n < 1:
        raise ValueError("aucune fenêtre")
    inputs = torch.stack([tokens[r : r + context] for r in range(n)])
    targets = torch.stack([tokens[r + 1 : r + 1 + context] for r in range(n)])
    return inputs, targets


def next_token_loss(logits, targets):
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets[..., None]).mean()
