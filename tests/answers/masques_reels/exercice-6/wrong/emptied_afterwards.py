# misconception: visible set to zero once it is read
# fails: test_masks_unchanged
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool().unsqueeze(1)}


def multihead_arguments(visible, n_heads):
    blocked = (visible == 0).repeat_interleave(n_heads, dim=0)
    visible.zero_()
    return {"attn_mask": blocked}


def padded_causal_arguments(real):
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0}
