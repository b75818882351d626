# style: a table of indices, cross_entropy with classes on axis 1
import torch.nn.functional as F

def next_token_pairs(tokens, context):
    n = tokens.shape[0] - context
    if context < 1 or n < 1:
        raise ValueError(f"{n} fenêtres")
    places = torch.arange(n)[:, None] + torch.arange(context)[None, :]
    return tokens[places], tokens[places + 1]


def next_token_loss(logits, targets):
    return F.cross_entropy(logits.transpose(1, 2), targets)
