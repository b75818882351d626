# misconception: the mask indexes the scores, whose shape it must have
# fails: test_any_mask
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
            return weights @ V, weights
        vide = (mask == 0).all(-1, keepdim=True)
        bloque = (mask == 0) & ~vide
        scores = scores.clone()
        scores[bloque] = -torch.inf
        weights = torch.softmax(scores, dim=-1).masked_fill(vide, 0.0)
        return weights @ V, weights
