# misconception: the sum runs in the order of the vocabulary
# fails: test_nucleus_example, test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities = torch.softmax(logits, dim=-1)
    kept = torch.where(probabilities.cumsum(-1) - probabilities < p, probabilities, 0.0)
    return kept / kept.sum()
