# misconception: the exponential of a logit always fits
# fails: test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities = logits.exp() / logits.exp().sum()
    probabilities, order = probabilities.sort(descending=True)
    kept = torch.where(probabilities.cumsum(-1) - probabilities < p, probabilities, 0.0)
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())
