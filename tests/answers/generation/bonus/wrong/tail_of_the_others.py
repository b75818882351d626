# misconception: the others share what is left
# fails: test_nucleus_example, test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities, order = torch.softmax(logits, dim=-1).sort(descending=True)
    inside = probabilities.cumsum(-1) - probabilities < p
    kept = torch.where(inside, p * probabilities / probabilities[inside].sum(), (1 - p) / max(1, int((~inside).sum())))
    return torch.zeros_like(kept).scatter(-1, order, kept)
