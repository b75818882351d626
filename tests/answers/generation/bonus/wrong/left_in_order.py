# misconception: the result stays in decreasing order
# fails: test_nucleus_example, test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities = torch.softmax(logits, dim=-1).sort(descending=True).values
    kept = torch.where(probabilities.cumsum(-1) - probabilities < p, probabilities, 0.0)
    return kept / kept.sum()
