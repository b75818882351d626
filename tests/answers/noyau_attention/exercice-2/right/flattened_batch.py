# style: the batch is flattened, then given its shape back; a list is returned

def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    lead = Q.shape[:-2]
    q, k, v = (x.reshape(-1, *x.shape[-2:]) for x in (Q, K, V))
    scores = np.stack([a @ b.T for a, b in zip(q, k)]) / np.sqrt(q.shape[-1])
    scores = scores.reshape(*lead, *scores.shape[-2:])
    if mask is not None:
        keep = np.multiply(np.ones(scores.shape), mask)
        scores[keep == 0] = -np.inf
    w = softmax_from_scratch(scores, -1)
    out = np.stack([a @ b for a, b in zip(w.reshape(-1, *w.shape[-2:]), v)]).reshape(*lead, w.shape[-2], v.shape[-1])
    return [out, w]
