# style: plain Python

def top_p_probabilities(logits, p):
    values = logits.tolist()
    top = max(values)
    weights = [math.exp(v - top) for v in values]
    total = sum(weights)
    ranked = sorted(range(len(values)), key=lambda i: values[i], reverse=True)
    nucleus, reached = [], 0.0
    while ranked and reached < p:
        token = ranked.pop(0)
        nucleus.append(token)
        reached += weights[token] / total
    return torch.tensor([weights[i] / total / reached if i in nucleus else 0.0 for i in range(len(values))])
