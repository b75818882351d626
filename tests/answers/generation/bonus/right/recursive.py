# style: a recursion on the most probable token

def top_p_probabilities(logits, p):
    q = torch.softmax(logits.double(), dim=-1)

    def nucleus(left, missing):
        if missing <= 0 or not left:
            return []
        best = max(left, key=lambda token: q[token].item())
        return [best] + nucleus([token for token in left if token != best], missing - q[best].item())

    kept = torch.zeros_like(q)
    chosen = nucleus(list(range(len(q))), p)
    kept[chosen] = q[chosen]
    return kept / kept.sum()
