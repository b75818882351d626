# misconception: targets are two tokens ahead
# fails: test_pairs_example, test_pairs_any_length
def next_token_pairs(tokens, context):
    if context < 1 or context >= len(tokens):
        raise ValueError
    rows = range(len(tokens) - context - 1)
    return (torch.stack([tokens[r : r + context] for r in rows]), torch.stack([tokens[r + 2 : r + context + 2] for r in rows]))


def next_token_loss(logits, targets):
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets.unsqueeze(-1)).mean()
