# misconception: no mask
# fails: test_sdpa_causal, test_any_sdpa
def sdpa_arguments(visible):
    return {}


def multihead_arguments(visible, n_heads):
    return {"attn_mask": torch.repeat_interleave(visible == 0, n_heads, dim=0)}


def padded_causal_arguments(real):
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0}
