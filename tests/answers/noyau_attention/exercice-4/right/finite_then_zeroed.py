# style: scores stay finite in blind rows, whose weights are zeroed after

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = torch.matmul(Q, K.transpose(-1, -2)) / self.d_k**0.5
        if mask is None:
            poids = scores.softmax(-1)
        else:
            bloque = mask == 0
            aveugle = bloque.all(-1, keepdim=True)
            scores = torch.where(bloque & ~aveugle, float("-inf"), scores)
            poids = torch.where(aveugle, 0.0, scores.softmax(-1))
        return poids @ V, poids
