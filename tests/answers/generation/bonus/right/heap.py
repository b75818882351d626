# style: a heap, and a boolean mask

def top_p_probabilities(logits, p):
    import heapq

    q = torch.nn.functional.softmax(logits, dim=-1)
    heap = [(-value, token) for token, value in enumerate(q.tolist())]
    heapq.heapify(heap)
    mask, reached = torch.zeros(len(q), dtype=torch.bool), 0.0
    while heap and reached < p:
        value, token = heapq.heappop(heap)
        mask[token] = True
        reached -= value
    return torch.where(mask, q, torch.zeros_like(q)) / q[mask].sum()
