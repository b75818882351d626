# misconception: the logits received are a scratchpad
# fails: test_any_nucleus

def top_p_probabilities(logits, p):
    order = logits.argsort(descending=True)
    probabilities = torch.softmax(logits, dim=-1)[order]
    logits[order[probabilities.cumsum(0) - probabilities >= p]] = -torch.inf
    return torch.softmax(logits, dim=-1)
