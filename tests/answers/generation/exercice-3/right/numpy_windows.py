# style: windows by index arithmetic; the loss by logsumexp

def next_token_pairs(tokens, context):
    rows = tokens.numel() - context
    if context <= 0 or rows <= 0:
        raise ValueError("aucune fenêtre")
    places = torch.arange(rows)[:, None] + torch.arange(context)[None]
    return torch.take(tokens, places), torch.take(tokens, places + 1)


def next_token_loss(logits, targets):
    chosen = torch.take_along_dim(logits, targets.unsqueeze(-1), dim=-1).squeeze(-1)
    return torch.mean(torch.logsumexp(logits, dim=-1) - chosen)
