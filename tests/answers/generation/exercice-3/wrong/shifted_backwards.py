# misconception: targets are the previous tokens
# fails: test_pairs_example, test_pairs_any_length
def next_token_pairs(tokens, context):
    if context < 1 or context >= len(tokens):
        raise ValueError
    inputs, targets = tokens.unfold(0, context, 1)[1:], tokens.unfold(0, context, 1)[:-1]
    return inputs, targets


def next_token_loss(logits, targets):
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets.unsqueeze(-1)).mean()
