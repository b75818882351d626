# misconception: a token is kept where it reaches a share of the best one (min-p)
# fails: test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities = torch.softmax(logits, dim=-1)
    kept = probabilities * (probabilities >= (1 - p) * probabilities.max())
    return kept / kept.sum()
