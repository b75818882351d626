# style: exponentials and sums, the denominator kept from zero
class MultiHeadAttention(torch.nn.Module):
    def __init__(self, d_model: int, n_heads: int) -> None:
        super().__init__()
        if d_model // n_heads * n_heads != d_model:
            raise ValueError("division impossible")
        self.n_heads = n_heads
        self.d_head = d_model // n_heads
        self.W_o = torch.nn.Linear(d_model, d_model)
        self.W_v = torch.nn.Linear(d_model, d_model)
        self.W_k = torch.nn.Linear(d_model, d_model)
        self.W_q = torch.nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        Q, K, V = (split_heads(W(x), self.n_heads) for W, x in ((self.W_q, query), (self.W_k, key), (self.W_v, value)))
        scores = Q.matmul(K.mT) / np.sqrt(self.d_head)
        if mask is None:
            mask = torch.ones(1, 1, 1, 1)
        if mask.dim() == 3:
            mask = mask.reshape(mask.shape[0], 1, mask.shape[1], mask.shape[2])
        exponentials = torch.exp(scores - scores.detach().amax(dim=-1, keepdim=True)) * mask.to(scores.dtype)
        total = exponentials.sum(dim=-1, keepdim=True)
        weights = exponentials / torch.where(total > 0, total, torch.ones_like(total))
        return self.W_o(merge_heads(weights @ V)), weights
