# misconception: masks by example, for one head only
# fails: test_padded_example, test_any_padding, test_types
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool().unsqueeze(1)}


def multihead_arguments(visible, n_heads):
    return {"attn_mask": torch.repeat_interleave(visible == 0, n_heads, dim=0)}


def padded_causal_arguments(real):
    visible = create_causal_mask(real.shape[1]).bool() & real.bool()[:, None]
    return {"attn_mask": ~visible}
