# misconception: targets begin at the same token in the first window
# fails: test_pairs_example, test_pairs_any_length
def next_token_loss(logits, targets):
    """Renvoie la surprise moyenne des cibles, en nats : (batch, n, vocab), (batch, n) -> ()."""
    ### BEGIN SOLUTION
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets[..., None]).mean()


def next_token_pairs(tokens, context):
    if not 1 <= context < len(tokens):
        raise ValueError("context")
    windows = tokens.unfold(0, context + 1, 1)[1:]
    return windows[:, :-1], windows[:, 1:]
