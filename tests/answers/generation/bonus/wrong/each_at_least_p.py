# misconception: a token is kept where its own probability reaches p
# fails: test_nucleus_example, test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities = torch.softmax(logits, dim=-1)
    kept = probabilities * (probabilities >= min(p, probabilities.max()))
    return kept / kept.sum()
