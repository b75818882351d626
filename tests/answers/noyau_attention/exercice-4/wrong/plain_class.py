# misconception: a class with __call__ is a layer
# fails: test_is_a_module

class ScaledDotProductAttention:
    def __init__(self, d_k):
        self.scale = 1 / math.sqrt(d_k)

    def __call__(self, Q, K, V, mask=None):
        scores = (Q @ K.transpose(-1, -2)) * self.scale
        if mask is None:
            mask = torch.ones_like(scores)
        mask = mask.bool()
        blind = mask.logical_not().all(dim=-1, keepdim=True)
        weights = torch.softmax(scores.masked_fill(~(mask | blind), -torch.inf), dim=-1)
        weights = weights.masked_fill(blind, 0)
        return weights.matmul(V), weights
