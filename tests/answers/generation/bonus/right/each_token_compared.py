# style: each token asks for the total of those above it

def top_p_probabilities(logits, p):
    q = torch.softmax(logits, dim=0)
    above = ((q[None, :] > q[:, None]) * q[None, :]).sum(dim=1)
    kept = q * (above < p)
    return kept / kept.sum()
