# misconception: booleans only: ~ on integers means something else
# fails: test_sdpa_causal, test_multihead_causal, test_padded_example, test_any_padding, test_types
def sdpa_arguments(visible):
    return {"attn_mask": ~(~visible[:, None])}


def multihead_arguments(visible, n_heads):
    return {"attn_mask": ~visible.repeat_interleave(n_heads, dim=0)}


def padded_causal_arguments(real):
    return {"attn_mask": ~create_causal_mask(real.shape[1]).bool(), "key_padding_mask": ~real}
