# style: every argument of SDPA given
def sdpa_arguments(visible):
    return {"attn_mask": visible.to(torch.bool)[:, None], "is_causal": False}


def multihead_arguments(visible, n_heads):
    blocked = ~visible.to(torch.bool).repeat_interleave(n_heads, dim=0)
    return {"attn_mask": blocked, "key_padding_mask": None, "is_causal": False}


def padded_causal_arguments(real):
    n = real.shape[1]
    return {"attn_mask": torch.ones(n, n).triu(1).bool(), "key_padding_mask": real == 0}
