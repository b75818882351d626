# style: a loop over batch elements, queries and keys

import math


def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    n_q, d_k = Q.shape[-2:]
    n_k = K.shape[-2]
    batch = Q.shape[:-2]
    weights = np.zeros((*batch, n_q, n_k))
    output = np.zeros((*batch, n_q, V.shape[-1]))
    if mask is not None:
        mask = np.broadcast_to(mask, weights.shape)
    for b in np.ndindex(*batch):
        for i in range(n_q):
            visible = [j for j in range(n_k) if mask is None or mask[b][i, j]]
            if not visible:
                continue
            scores = {j: sum(Q[b][i, m] * K[b][j, m] for m in range(d_k)) / math.sqrt(d_k) for j in visible}
            top = max(scores.values())
            total = sum(math.exp(score - top) for score in scores.values())
            for j in visible:
                weights[b][i, j] = math.exp(scores[j] - top) / total
                output[b][i] += weights[b][i, j] * V[b][j]
    return output, weights
