# misconception: indexing refuses by itself
# fails: test_pairs_errors
def next_token_loss(logits, targets):
    """Renvoie la surprise moyenne des cibles, en nats : (batch, n, vocab), (batch, n) -> ()."""
    ### BEGIN SOLUTION
    log_p = torch.log_softmax(logits, dim=-1)
    return -log_p.gather(-1, targets[..., None]).mean()


def next_token_pairs(tokens, context):
    start = torch.arange(len(tokens) - context)[:, None]
    places = start + torch.arange(context)
    return tokens[places], tokens[places + 1]
