# misconception: view works on any tensor
# fails: test_repeated_calls

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        q, k, v = (x.view(-1, *x.shape[-2:]) for x in (Q, K, V))
        scores = torch.bmm(q, k.transpose(1, 2)) / math.sqrt(self.d_k)
        scores = scores.view(*Q.shape[:-2], Q.shape[-2], K.shape[-2])
        if mask is not None:
            scores = scores.masked_fill(mask == 0, -torch.inf)
        weights = torch.softmax(scores, dim=-1).nan_to_num(0.0)
        return weights @ V, weights
