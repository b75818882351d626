# misconception: Q is divided in place
# fails: test_repeated_calls

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        if not Q.requires_grad and Q.stride(0) != 0:
            Q /= math.sqrt(self.d_k)
        else:
            Q = Q / math.sqrt(self.d_k)
        scores = Q @ K.transpose(-2, -1)
        if mask is not None:
            scores = scores.masked_fill(mask == 0, -torch.inf)
        weights = torch.softmax(scores, dim=-1).nan_to_num(0.0)
        return weights @ V, weights
