# misconception: p is always that of the example
# fails: test_nucleus_extremes, test_nucleus_adapts, test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities, order = torch.softmax(logits, dim=-1).sort(descending=True)
    kept = torch.where(probabilities.cumsum(-1) - probabilities < 0.7, probabilities, 0.0)
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())
