# misconception: the course's polarity given to the module
# fails: test_multihead_causal, test_any_multihead
def sdpa_arguments(visible):
    return {"attn_mask": visible.bool().unsqueeze(1)}


def multihead_arguments(visible, n_heads):
    return {"attn_mask": visible.bool().repeat_interleave(n_heads, dim=0)}


def padded_causal_arguments(real):
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0}
