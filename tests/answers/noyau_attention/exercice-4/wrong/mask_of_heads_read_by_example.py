# misconception: a mask (heads, n_q, n_k) is read as one an example
# fails: test_any_mask
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is None:
            w = torch.softmax(scores, -1)
            return w @ V, w
        if mask.dim() == 3 and Q.dim() == 4 and mask.shape[0] in (1, Q.shape[0]):
            mask = mask.unsqueeze(1)
        vis = mask != 0
        voit = vis.any(-1, keepdim=True)
        w = torch.softmax(scores.masked_fill(~vis & voit, -torch.inf), -1).masked_fill(~voit, 0)
        return w @ V, w
