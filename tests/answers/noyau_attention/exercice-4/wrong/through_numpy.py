# misconception: NumPy computes what PyTorch would
# fails: test_gradients_flow, test_gradients, test_short_types

class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
        self.d_k = d_k

    def forward(self, Q, K, V, mask=None):
        scores = Q.detach().numpy() @ np.swapaxes(K.detach().numpy(), -1, -2) / math.sqrt(self.d_k)
        if mask is not None:
            scores = np.where(mask.numpy() != 0, scores, -np.inf)
        weights = torch.from_numpy(softmax_from_scratch(scores)).to(V.dtype)
        return weights @ V, weights
