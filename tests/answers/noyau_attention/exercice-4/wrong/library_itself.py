# misconception: the library's attention is taken for the whole exercise: it gives no weights, and adds a mask of floats
# fails: test_example, test_masked_example, test_any_mask
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()

    def forward(self, Q, K, V, mask=None):
        return torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=mask)
