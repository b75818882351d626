# style: a loop over the tokens, from the most probable on

def top_p_probabilities(logits, p):
    probabilities = torch.softmax(logits, dim=-1)
    result = torch.zeros_like(probabilities)
    total = 0.0
    for token in torch.argsort(probabilities, descending=True).tolist():
        result[token] = probabilities[token]
        total += probabilities[token].item()
        if total >= p:
            break
    return result / result.sum()
