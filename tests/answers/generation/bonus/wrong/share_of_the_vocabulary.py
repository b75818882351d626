# misconception: p is the share of the tokens that are kept
# fails: test_any_nucleus

def top_p_probabilities(logits, p):
    return top_k_probabilities(logits, max(1, math.ceil(p * len(logits))))
