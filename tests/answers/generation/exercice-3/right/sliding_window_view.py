# style: NumPy's sliding windows, one-hot targets
def next_token_pairs(tokens, context):
    if not 1 <= context <= tokens.numel() - 1:
        raise ValueError("context doit être entre 1 et N - 1")
    windows = np.lib.stride_tricks.sliding_window_view(tokens.numpy(), context + 1)
    return torch.from_numpy(windows[:, :-1].copy()), torch.from_numpy(windows[:, 1:].copy())


def next_token_loss(logits, targets):
    one_hot = torch.nn.functional.one_hot(targets, logits.shape[-1]).to(logits.dtype)
    log_p = logits - torch.logsumexp(logits, dim=-1, keepdim=True)
    return -(one_hot * log_p).sum(dim=-1).mean()
