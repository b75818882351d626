# misconception: returns the targets first
# fails: test_pairs_example, test_pairs_any_length
def next_token_pairs(tokens, context):
    if context < 1 or context >= len(tokens):
        raise ValueError("contexte impossible")
    rows = range(len(tokens) - context)
    inputs = torch.stack([tokens[r : r + context] for r in rows])
    targets = torch.stack([tokens[r + 1 : r + context + 1] for r in rows])
    return targets, inputs


def next_token_loss(logits, targets):
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets.unsqueeze(-1)).mean()
