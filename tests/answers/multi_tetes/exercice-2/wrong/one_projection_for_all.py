# misconception: queries, keys and values share a projection
# fails: test_equals_torch, test_equals_torch_with_a_causal_mask, test_other_sizes, test_common_masks, test_masks_of_examples, test_masks_of_heads, test_gradients, test_layers_are_independent
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("n_heads doit diviser d_model")
        self.n_heads = n_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.attention = ScaledDotProductAttention(d_model // n_heads)

    def forward(self, query, key, value, mask=None):
        Q, K, V = (split_heads(self.W_q(x), self.n_heads) for x in (query, key, value))
        if mask is not None and mask.dim() == 3:
            mask = mask.unsqueeze(1)
        mixed, weights = self.attention(Q, K, V, mask=mask)
        return self.W_o(merge_heads(mixed)), weights
