# misconception: the mask received may be turned into a bias in place
# fails: test_repeated_calls

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q @ K.transpose(-2, -1) / math.sqrt(self.d_k)
        if mask is not None:
            if mask.dtype != torch.bool and 0 not in mask.stride():
                hidden = mask == 0
                mask[hidden] = -1
                mask = mask > 0
            scores = scores.masked_fill(mask == 0, -torch.inf)
        weights = torch.softmax(scores, dim=-1).nan_to_num(0.0)
        return weights @ V, weights
