# style: mask cell by cell, one query after another
def create_offset_mask(n_new, n_past):
    mask = np.zeros((n_new, n_past + n_new), dtype=bool)
    for i in range(n_new):
        for j in range(n_past + n_new):
            mask[i, j] = j <= n_past + i
    return mask


class CachedAttention:
    def __init__(self, d_k):
        self.scale = d_k ** -0.5
        self.reset()

    def reset(self):
        self.memory = []

    def step(self, Q, K, V):
        n_new = Q.shape[-2]
        total = len(self.memory) + n_new
        outputs, rows = [], []
        for i in range(n_new):
            self.memory.append((K[..., i, :], V[..., i, :]))
            keys = torch.stack([k for k, _ in self.memory], dim=-2)
            values = torch.stack([v for _, v in self.memory], dim=-2)
            scores = (keys * Q[..., i, :].unsqueeze(-2)).sum(-1) * self.scale
            w = torch.softmax(scores, dim=-1)
            outputs.append((w.unsqueeze(-1) * values).sum(-2))
            rows.append(torch.nn.functional.pad(w, (0, total - w.shape[-1])))
        return torch.stack(outputs, dim=-2), torch.stack(rows, dim=-2)
