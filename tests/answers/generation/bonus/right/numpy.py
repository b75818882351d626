# style: NumPy inside, a tensor at the end

def top_p_probabilities(logits, p):
    z = logits.detach().numpy().astype(float)
    q = np.exp(z - z.max())
    q /= q.sum()
    order = np.argsort(q)[::-1]
    count = int(np.searchsorted(np.cumsum(q[order]), p)) + 1
    kept = np.zeros_like(q)
    kept[order[:count]] = q[order[:count]]
    return torch.from_numpy(kept / kept.sum())
