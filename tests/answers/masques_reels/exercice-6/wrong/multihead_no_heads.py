# misconception: a mask for each example only
# fails: test_multihead_causal, test_any_multihead, test_types
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool().unsqueeze(1)}


def multihead_arguments(visible, n_heads):
    return {"attn_mask": ~visible.bool()}


def padded_causal_arguments(real):
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0}
