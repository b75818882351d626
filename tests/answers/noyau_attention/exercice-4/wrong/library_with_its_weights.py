# misconception: the library's attention, its weights read on an identity: a mask of floats is added, one of integers refused
# fails: test_masked_example, test_any_mask
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()

    def forward(self, Q, K, V, mask=None):
        attend = torch.nn.functional.scaled_dot_product_attention
        identity = torch.eye(K.shape[-2], dtype=K.dtype).expand(*K.shape[:-2], -1, -1)
        return attend(Q, K, V, attn_mask=mask), attend(Q, K, identity, attn_mask=mask)
