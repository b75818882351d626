# style: np.tri with an offset; lists of blocks joined at each step
def create_offset_mask(n_new, n_past):
    return np.tri(n_new, n_past + n_new, k=n_past, dtype=int)


class CachedAttention:
    def __init__(self, d_k):
        self.d_k = d_k
        self.blocks_K = []
        self.blocks_V = []

    def step(self, Q, K, V):
        self.blocks_K.append(K)
        self.blocks_V.append(V)
        all_K = torch.cat(self.blocks_K, dim=-2)
        all_V = torch.cat(self.blocks_V, dim=-2)
        n_new = Q.size(-2)
        mask = torch.from_numpy(create_offset_mask(n_new, all_K.size(-2) - n_new))
        return ScaledDotProductAttention(self.d_k)(Q, all_K, all_V, mask=mask)

    def reset(self):
        self.blocks_K.clear()
        self.blocks_V.clear()
