# style: forbidden logits, then a second softmax

def top_p_probabilities(logits, p):
    order = logits.argsort(descending=True)
    q = torch.softmax(logits[order], 0)
    before = torch.cat([q.new_zeros(1), q.cumsum(0)[:-1]])
    forbidden = order[before >= p]
    kept = logits.clone()
    kept[forbidden] = -float("inf")
    return kept.softmax(0)
