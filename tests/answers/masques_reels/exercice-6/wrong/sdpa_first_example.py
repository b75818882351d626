# misconception: the first example's mask for all
# fails: test_any_sdpa
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool()[0]}


def multihead_arguments(visible, n_heads):
    return {"attn_mask": torch.repeat_interleave(visible == 0, n_heads, dim=0)}


def padded_causal_arguments(real):
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0}
