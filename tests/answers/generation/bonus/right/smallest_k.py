# style: the smallest top-k that reaches p

def top_p_probabilities(logits, p):
    probabilities = temperature_probabilities(logits, 1.0)
    for k in range(1, len(logits) + 1):
        if torch.topk(probabilities, k).values.sum() >= p:
            return top_k_probabilities(logits, k)
    return probabilities
