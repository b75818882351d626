# misconception: view, which refuses a transposed tensor
# fails: test_loss_values
def next_token_pairs(tokens, context):
    if context < 1 or context >= len(tokens):
        raise ValueError("contexte impossible")
    rows = range(len(tokens) - context)
    inputs = torch.stack([tokens[r : r + context] for r in rows])
    targets = torch.stack([tokens[r + 1 : r + context + 1] for r in rows])
    return inputs, targets


def next_token_loss(logits, targets):
    return torch.nn.functional.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))
