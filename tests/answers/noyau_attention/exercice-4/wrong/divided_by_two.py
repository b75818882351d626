# misconception: the scores are always divided by two
# fails: test_any_shape
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / 2
        if mask is None:
            w = torch.softmax(scores, -1)
            return w @ V, w
        vis = mask != 0
        voit = vis.any(-1, keepdim=True)
        w = torch.softmax(scores.masked_fill(~vis & voit, -torch.inf), -1).masked_fill(~voit, 0)
        return w @ V, w
