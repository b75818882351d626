# misconception: targets roll over to the start of the text
# fails: test_pairs_example, test_pairs_any_length
def next_token_pairs(tokens, context):
    if context < 1 or context >= len(tokens):
        raise ValueError
    return tokens.unfold(0, context, 1), tokens.roll(-1).unfold(0, context, 1)


def next_token_loss(logits, targets):
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets.unsqueeze(-1)).mean()
