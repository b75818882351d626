# misconception: the sizes of the first call are kept
# fails: test_repeated_calls
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k
        self.n_k = None

    def forward(self, Q, K, V, mask=None):
        if self.n_k is None:
            self.n_k = K.shape[-2]
        K, V = K[..., : self.n_k, :], V[..., : self.n_k, :]
        if mask is not None:
            mask = mask[..., : self.n_k]
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is None:
            weights = torch.softmax(scores, dim=-1)
            return weights @ V, weights
        visible = mask != 0
        voit = visible.any(dim=-1, keepdim=True)
        scores = scores.masked_fill(~visible & voit, -torch.inf)
        weights = torch.softmax(scores, dim=-1).masked_fill(~voit, 0.0)
        return weights @ V, weights
