# style: one example and one query at a time

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        n_q, n_k = Q.shape[-2], K.shape[-2]
        lead = Q.shape[:-2]
        q, k, v = Q.reshape(-1, n_q, self.d_k), K.reshape(-1, n_k, self.d_k), V.reshape(-1, n_k, V.shape[-1])
        seen = torch.ones(*lead, n_q, n_k) if mask is None else mask.expand(*lead, n_q, n_k)
        seen = seen.reshape(-1, n_q, n_k) != 0
        rows = []
        for b in range(q.shape[0]):
            for i in range(n_q):
                row = q.new_zeros(n_k)
                columns = seen[b, i].nonzero().flatten()
                if len(columns):
                    score = (k[b, columns] * q[b, i]).sum(-1) / math.sqrt(self.d_k)
                    row = row.index_put((columns,), torch.softmax(score, dim=0))
                rows.append(row)
        weights = torch.stack(rows).reshape(*lead, n_q, n_k)
        output = (weights.reshape(-1, n_q, n_k) @ v).reshape(*lead, n_q, V.shape[-1])
        return output, weights
