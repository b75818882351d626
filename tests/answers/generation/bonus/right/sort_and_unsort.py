# style: sorted, masked, put back by the inverse permutation

def top_p_probabilities(logits, p):
    sorted_probs, order = torch.sort(torch.softmax(logits, -1), descending=True)
    cumulative = torch.cumsum(sorted_probs, -1)
    remove = cumulative > p
    remove[1:] = remove[:-1].clone()
    remove[0] = False
    sorted_probs = sorted_probs.masked_fill(remove, 0.0)
    sorted_probs = sorted_probs / sorted_probs.sum()
    inverse = torch.argsort(order)
    return sorted_probs[inverse]
