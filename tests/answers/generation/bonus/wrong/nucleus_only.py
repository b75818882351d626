# misconception: only the tokens of the nucleus are returned
# fails: test_nucleus_example, test_nucleus_extremes, test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities, order = torch.softmax(logits, dim=-1).sort(descending=True)
    kept = probabilities[probabilities.cumsum(-1) - probabilities < p]
    return kept / kept.sum()
