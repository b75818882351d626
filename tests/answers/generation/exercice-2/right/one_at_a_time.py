# style: every block is fed one token at a time; needs no mask in the class
def create_offset_mask(n_new, n_past):
    mask = torch.zeros(n_new, n_past + n_new, dtype=torch.uint8)
    for i in range(n_new):
        mask[i, : n_past + i + 1] = 1
    return mask


class CachedAttention:
    def __init__(self, d_k):
        self.attention = ScaledDotProductAttention(d_k)
        self.K = self.V = None

    def step(self, Q, K, V):
        n_new = Q.shape[-2]
        outputs, weights = [], []
        for i in range(n_new):
            k, v = K[..., i : i + 1, :], V[..., i : i + 1, :]
            self.K = k if self.K is None else torch.cat((self.K, k), dim=-2)
            self.V = v if self.V is None else torch.cat((self.V, v), dim=-2)
            output, w = self.attention(Q[..., i : i + 1, :], self.K, self.V)
            zeros = torch.zeros(*w.shape[:-1], n_new - 1 - i, dtype=w.dtype)
            outputs.append(output)
            weights.append(torch.cat((w, zeros), dim=-1))
        return torch.cat(outputs, dim=-2), torch.cat(weights, dim=-2)

    def reset(self):
        self.__init__(self.attention.d_k)
