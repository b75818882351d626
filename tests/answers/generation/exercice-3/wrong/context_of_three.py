# misconception: the context of the example is written in
# fails: test_pairs_any_length
def next_token_pairs(tokens, context):
    if context < 1 or context >= len(tokens):
        raise ValueError("contexte impossible")
    context = 3
    rows = range(len(tokens) - context)
    inputs = torch.stack([tokens[r : r + context] for r in rows])
    targets = torch.stack([tokens[r + 1 : r + context + 1] for r in rows])
    return inputs, targets


def next_token_loss(logits, targets):
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets.unsqueeze(-1)).mean()
