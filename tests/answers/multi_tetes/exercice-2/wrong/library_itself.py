# misconception: the library's layer is taken for the exercise
# fails: test_parameters, test_equals_torch, test_masks_of_examples
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads doit diviser d_model")
        self.layer = nn.MultiheadAttention(d_model, n_heads, batch_first=True)

    def forward(self, query, key, value, mask=None):
        blocked = None if mask is None else ~mask.bool()
        return self.layer(query, key, value, attn_mask=blocked, average_attn_weights=False)
