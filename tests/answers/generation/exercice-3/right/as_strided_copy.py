# style: columns side by side, advanced indexing for the loss
def next_token_pairs(tokens, context):
    n = len(tokens) - context
    if n <= 0 or context <= 0:
        raise ValueError("trop court")
    columns = [tokens[c : c + n] for c in range(context + 1)]
    windows = torch.stack(columns, dim=1)
    return windows[:, :context], windows[:, 1:]


def next_token_loss(logits, targets):
    b = torch.arange(targets.shape[0])[:, None]
    t = torch.arange(targets.shape[1])[None, :]
    shifted = logits - logits.max(dim=-1, keepdim=True).values
    log_p = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    return -log_p[b, t, targets].mean()
