# misconception: padding hidden, the future visible
# fails: test_padded_example, test_any_padding
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool().unsqueeze(1)}


def multihead_arguments(visible, n_heads):
    return {"attn_mask": torch.repeat_interleave(visible == 0, n_heads, dim=0)}


def padded_causal_arguments(real):
    return {"key_padding_mask": ~real.bool()}
