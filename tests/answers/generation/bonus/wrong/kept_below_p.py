# misconception: cumulated sums below p are kept
# fails: test_nucleus_example, test_nucleus_extremes, test_nucleus_adapts, test_any_nucleus
def top_p_probabilities(logits, p):
    probabilities, order = torch.softmax(logits, dim=-1).sort(descending=True)
    kept = torch.where(probabilities.cumsum(-1) < p, probabilities, 0.0)
    kept[0] = probabilities[0]
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())
