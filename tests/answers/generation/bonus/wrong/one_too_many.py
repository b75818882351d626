# misconception: the token after the crossing one is kept too
# fails: test_nucleus_example, test_nucleus_extremes, test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities, order = torch.softmax(logits, dim=-1).sort(descending=True)
    kept = torch.where(torch.cat([torch.zeros(1), probabilities.cumsum(-1) - probabilities])[: len(logits)] < p, probabilities, 0.0)
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())
