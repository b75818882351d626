# style: caches created empty from the first block; where in place of masked_fill
def create_offset_mask(n_new, n_past):
    return torch.stack([torch.arange(n_past + n_new) <= n_past + i for i in range(n_new)])


class CachedAttention:
    def __init__(self, d_k):
        self.d_k = d_k
        self.cache = {}

    def step(self, Q, K, V):
        old_K = self.cache.get("K", K[..., :0, :])
        old_V = self.cache.get("V", V[..., :0, :])
        self.cache = {"K": torch.cat((old_K, K), dim=-2), "V": torch.cat((old_V, V), dim=-2)}
        scores = Q.matmul(self.cache["K"].mT) / np.sqrt(self.d_k)
        visible = create_offset_mask(Q.shape[-2], old_K.shape[-2])
        scores = torch.where(visible, scores, torch.tensor(float("-inf")))
        weights = scores.softmax(-1)
        return weights.matmul(self.cache["V"]), weights

    def reset(self):
        self.cache = {}
